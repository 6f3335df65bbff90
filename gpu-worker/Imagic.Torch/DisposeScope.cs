namespace TorchSharp;

/// <summary>
/// Owns the tensors made on its thread while it is the innermost scope, and disposes them with itself.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic] static DisposeScope? s_current;

    readonly HashSet<IDisposable> _owned = new(ReferenceEqualityComparer.Instance);
    DisposeScope? _outer;
    bool _disposed;

    internal DisposeScope()
    {
        _outer = s_current;
        s_current = this;
    }

    internal static DisposeScope? Current => s_current;

    public int DisposablesCount => Open._owned.Count;

    public IReadOnlyList<IDisposable> DisposablesView => [.. Open._owned];

    DisposeScope Open
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return this;
        }
    }

    public bool Contains(IDisposable disposable) => _owned.Contains(disposable);

    /// <summary>Hands the tensor to the scope around this one; without one it belongs to nobody.</summary>
    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther<T>(_outer, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable where T2 : IDisposable => (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(_outer, disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(_outer, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        HandOver(disposable, scope);
        return disposable;
    }

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, disposables.AsEnumerable());

    /// <summary>Hands over those of the tensors that this scope owns.</summary>
    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
            HandOver(disposable, scope);
    }

    /// <summary>From now on the tensor belongs to no scope.</summary>
    public T Detach<T>(T disposable) where T : IDisposable => MoveToOther<T>(null, disposable);

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, disposables);

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    public void Attach(IDisposable disposable) => Move(disposable, Open);

    public void Attach(params IDisposable[] disposables) => Attach(disposables.AsEnumerable());

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        IDisposable[] list = [.. disposables];
        foreach (var disposable in list)
            Move(disposable, Open);
        return list;
    }

    public void DisposeEverything() => DisposeEverythingBut();

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut(keep.AsEnumerable());

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        HashSet<IDisposable> keep = new(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var disposable in Open._owned.Except(keep).ToArray())
            disposable.Dispose();
    }

    /// <summary>Forgets a disposable that somebody has disposed.</summary>
    public void MarkAsDisposed(IDisposable disposable) => HandOver(disposable, null);

    /// <summary>Disposes all it owns. A scope opened after it and still open stays so.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        DisposeEverything();
        _disposed = true;
        if (s_current == this)
            s_current = _outer;
        for (var inner = s_current; inner is not null; inner = inner._outer)
        {
            if (inner._outer == this)
                inner._outer = _outer;
        }
    }

    void HandOver(IDisposable disposable, DisposeScope? scope)
    {
        if (Open._owned.Contains(disposable))
            Move(disposable, scope);
    }

    static void Move(IDisposable disposable, DisposeScope? scope)
    {
        if (disposable is not torch.Tensor tensor)
            throw new InvalidOperationException($"A dispose scope owns tensors, not {disposable.GetType()}.");
        tensor.OwningDisposeScope?._owned.Remove(tensor);
        tensor.OwningDisposeScope = scope;
        scope?._owned.Add(tensor);
    }
}

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => new();

    public static DisposeScope? CurrentDisposeScope => DisposeScope.Current;

    /// <summary>Evaluates the expression; only its result outlives the call.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(expr());
    }
}
