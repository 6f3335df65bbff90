using Imagic.Diffusion.Packages;
using Imagic.Editing;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>The text encoder on the recorded texts.</summary>
internal sealed class TextParity(ReferenceFolder reference, LoadedModels models) : IParityArea
{
    public IEnumerable<Quantity> Quantities() =>
        [new("text.last_hidden_state", Limits.Module, () => models.EncodeText([.. reference.Manifest.Prompts]))];
}

/// <summary>Token ids of the recorded texts.</summary>
internal sealed class TokenizerParity(ReferenceFolder reference, ModelPackage package) : IParityArea
{
    public IEnumerable<Quantity> Quantities() =>
    [
        new("tok.ids", Limits.Exact, () => Ids(package, reference.Manifest.Prompts)),
        new("trace.target_ids", Limits.Exact, () => Ids(package, [reference.Manifest.TracePrompt])),
    ];

    /// <summary>Ids of each text, (B, T) int64.</summary>
    public static Tensor Ids(ModelPackage package, IReadOnlyList<string> texts)
    {
        var tokenizer = package.LoadTokenizer();
        return tensor(texts.SelectMany(text => tokenizer.Encode(text).Ids).ToArray(), [texts.Count, tokenizer.Length]);
    }
}
