using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>One named tensor of a model: its key in the state dict and the view that the layers compute with.</summary>
/// <param name="Name">State-dict key, e.g. <c>down_blocks.0.resnets.0.conv1.weight</c>.</param>
/// <param name="Value">Empty until the set is bound; then a view into <see cref="ParameterSet.Flat"/>.</param>
/// <param name="Shape">Shape the code asks for.</param>
/// <param name="Offset">First element in the flat buffer.</param>
/// <param name="Initializer">What the value is when a model starts from nothing.</param>
public sealed record Parameter(string Name, Tensor Value, long[] Shape, long Offset, Initializer Initializer)
{
    /// <summary>Number of elements.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>Start value of a parameter in a model that is not loaded.</summary>
public enum Initializer
{
    /// <summary>Normal, standard deviation 1/√fan_in.</summary>
    Normal,

    /// <summary>All ones: gains of normalizations.</summary>
    One,

    /// <summary>All zeros: biases.</summary>
    Zero,
}

/// <summary>Fills the parameters of a freshly bound set; the views are already in place.</summary>
public interface IParameterSource
{
    /// <summary>Writes every parameter of <paramref name="parameters"/>, converting to its dtype.</summary>
    /// <exception cref="ModelPackageException">A parameter is missing, has another shape, or is left over.</exception>
    void Fill(ParameterSet parameters);
}

/// <summary>
/// All parameters of one model as views into one contiguous buffer, so that an optimizer step is a few passes over
/// flat memory and a checkpoint is one piece. The model's constructor declares what it needs through
/// <see cref="Root"/>; <see cref="Bind"/> then lays the buffer out and fills it.
/// </summary>
/// <param name="dtype">Element type that the model computes in.</param>
/// <param name="device">Where the buffer lives.</param>
public sealed class ParameterSet(ScalarType dtype, Device device) : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, LowRank> _lowRanks = [];
    private readonly ParameterSet? _owner;
    private Tensor? _flat;
    private Tensor? _flatGrad;

    private ParameterSet(ParameterSet owner, Func<string, bool> isIn)
        : this(owner.Dtype, owner.Device)
    {
        _owner = owner;
        foreach (var parameter in owner._parameters.Where(parameter => isIn(parameter.Name))) Add(parameter with { Offset = Count });
    }

    /// <summary>Parameters in declaration order, which is their order in the flat buffer.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Number of elements of all parameters together.</summary>
    public long Count { get; private set; }

    /// <summary>Element type of every parameter.</summary>
    public ScalarType Dtype { get; } = dtype;

    /// <summary>Where every parameter lives.</summary>
    public Device Device { get; } = device;

    /// <summary>Hears what each layer gave, by the layer's path; the tensor is the layer's only until the call returns.</summary>
    public Action<string, Tensor>? OnOutput { get; set; }

    /// <summary>Scope of the empty key prefix.</summary>
    public ParameterScope Root => new(this, "");

    /// <summary>The buffer behind all parameters, shape (Count).</summary>
    public Tensor Flat => _flat ?? throw new InvalidOperationException("The parameters are not bound yet.");

    /// <summary>The buffer behind all gradients, shape (Count); only after <see cref="TrackGradients"/>.</summary>
    public Tensor FlatGrad => _flatGrad ?? throw new InvalidOperationException("Gradients are not tracked.");

    /// <summary>The linear layers' places for products of low rank, by the layers' paths.</summary>
    public IReadOnlyDictionary<string, LowRank> LowRanks => _lowRanks;

    internal Tensor Declare(string name, long[] shape, Initializer initializer)
    {
        if (_flat is not null) throw new InvalidOperationException($"'{name}' is declared after the parameters were bound.");
        var parameter = new Parameter(name, empty(0, dtype: Dtype, device: Device).DetachFromDisposeScope(), shape, Count, initializer);
        Add(parameter);
        return parameter.Value;
    }

    internal LowRank DeclareLowRank(string path) => _lowRanks[path] = new();

    /// <summary>
    /// Some of the parameters as a set of their own. Once that is bound, the model computes with its buffer in the place
    /// of theirs, until it is disposed.
    /// </summary>
    public ParameterSet Select(Func<string, bool> isIn) => new(this, isIn);

    /// <summary>Allocates the flat buffer, points every parameter into it and fills them from <paramref name="source"/>.</summary>
    public void Bind(IParameterSource source)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        _flat = empty(Count, dtype: Dtype, device: Device).DetachFromDisposeScope();
        foreach (var parameter in _parameters)
        {
            parameter.Value.set_(View(_flat, parameter)); // what the layers already hold becomes the view
        }

        source.Fill(this);
    }

    /// <summary>
    /// Makes every parameter a leaf that collects its gradient in its piece of <see cref="FlatGrad"/>. Backward adds
    /// into the pieces, so the buffer is zeroed before each step.
    /// </summary>
    public void TrackGradients()
    {
        if (_flatGrad is not null) return;
        using var scope = NewDisposeScope();
        _flatGrad = zeros_like(Flat).DetachFromDisposeScope();
        foreach (var parameter in _parameters)
        {
            parameter.Value.requires_grad = true;
            parameter.Value.grad = View(_flatGrad, parameter);
        }
    }

    /// <summary>Makes the parameters plain tensors again and frees the gradients.</summary>
    public void StopTrackingGradients()
    {
        if (_flatGrad is null) return;
        foreach (var parameter in _parameters)
        {
            parameter.Value.grad = null;
            parameter.Value.requires_grad = false;
        }

        _flatGrad.Dispose();
        _flatGrad = null;
    }

    /// <summary>The piece of a flat buffer that belongs to <paramref name="parameter"/>, in its shape.</summary>
    public static Tensor View(Tensor flat, Parameter parameter) =>
        flat.narrow(0, parameter.Offset, parameter.Count).view(parameter.Shape);

    public void Dispose()
    {
        if (_owner is null) foreach (var parameter in _parameters) parameter.Value.Dispose();
        else if (_flat is not null) GiveBack(_owner);
        _flat?.Dispose();
        _flatGrad?.Dispose();
    }

    private void GiveBack(ParameterSet owner)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        StopTrackingGradients();
        foreach (var parameter in owner._parameters.IntersectBy(_parameters.Select(own => own.Name), parameter => parameter.Name))
            parameter.Value.set_(View(owner.Flat, parameter));
    }

    private void Add(Parameter parameter)
    {
        _parameters.Add(parameter);
        Count += parameter.Count;
    }
}
