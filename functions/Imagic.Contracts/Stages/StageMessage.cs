using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Stages;

/// <summary>
/// Asks a worker to do one stage of one edit. It may come twice, late, or to two workers: the edit's record decides
/// what is done.
/// </summary>
/// <param name="EditId">The edit.</param>
/// <param name="Stage">The stage.</param>
public sealed record StageMessage(EditId EditId, EditStage Stage) : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>W3C trace context of whoever sent it.</summary>
    public string? TraceParent { get; init; }

    void IVersioned.CheckRead() => EnumNames.CheckRead(Stage);
}
