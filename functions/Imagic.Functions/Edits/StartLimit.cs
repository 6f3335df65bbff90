using Imagic.Contracts;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>
/// How many edits may be under way, in all and for one caller. Several instances of the app, and starts at the same
/// moment, may exceed it by what they start within <see cref="Fresh"/>; a refusal always comes of a new count.
/// </summary>
public sealed class StartLimit(EditIndex index, FunctionsOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _oneCounts = new(1);
    private volatile Count? _count;

    /// <summary>Counts a start in.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TooManyEditsException">There are too many.</exception>
    public async Task EnterAsync(string caller, CancellationToken cancellationToken)
    {
        if (options is { MaxUnderWay: 0, MaxUnderWayPerCaller: 0 }) return;
        var seen = _count;
        if (seen is not null && time.GetElapsedTime(seen.At) < Fresh && seen.TryEnter(caller, options) is null) return;
        await _oneCounts.WaitAsync(cancellationToken);
        try
        {
            // Unless somebody else has just done so.
            var count = _count == seen ? _count = await CountAsync(cancellationToken) : _count!;
            if (count.TryEnter(caller, options) is { } problem) throw new TooManyEditsException(problem);
        }
        finally
        {
            _oneCounts.Release();
        }
    }

    public void Dispose() => _oneCounts.Dispose();

    private async Task<Count> CountAsync(CancellationToken cancellationToken)
    {
        var count = new Count(time.GetTimestamp());
        await foreach (var entry in index.ReadAllAsync(StoragePaths.EditsUnderWay, cancellationToken)) count.Add(entry.Summary?.Caller ?? "");
        return count;
    }

    /// <summary>The edits under way at one moment, and those that have been let in since.</summary>
    private sealed class Count(long at)
    {
        private readonly Dictionary<string, int> _ofCallers = [];
        private int _all;

        public long At => at;

        public void Add(string caller)
        {
            _all++;
            _ofCallers[caller] = _ofCallers.GetValueOrDefault(caller) + 1;
        }

        /// <summary>Counts one in; says why not.</summary>
        public string? TryEnter(string caller, FunctionsOptions options)
        {
            // Pictures and batches that are dropped wait until there is room, so they are bounded by the whole alone: one
            // batch is one caller with many edits. What they leave of it keeps the door open for those who get an answer.
            var waits = caller is Caller.Uploads or Caller.Batches;
            var most = waits ? options.MaxUnderWay - options.MaxUnderWay / 10 : options.MaxUnderWay;
            lock (_ofCallers)
            {
                var own = _ofCallers.GetValueOrDefault(caller);
                if (options.MaxUnderWay > 0 && _all >= most) return $"{_all} edits are under way here, and {most} may be.";
                if (!waits && options.MaxUnderWayPerCaller > 0 && own >= options.MaxUnderWayPerCaller)
                    return $"{own} of your edits are under way, and {options.MaxUnderWayPerCaller} of one caller may be.";
                Add(caller);
                return null;
            }
        }
    }
}
