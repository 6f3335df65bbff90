using Imagic.Editing;

namespace Imagic.Lab.Parity;

/// <summary>The text encoder on the recorded texts.</summary>
internal sealed class TextParity(ReferenceFolder reference, LoadedModels models) : IParityArea
{
    public IEnumerable<Quantity> Quantities() =>
        [new("text.last_hidden_state", Limits.Module, () => models.EncodeText([.. reference.Manifest.Prompts]))];
}
