using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Editing;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>The text encoder on the recorded texts.</summary>
internal sealed class TextParity(ReferenceFolder reference, LoadedModels models) : IParityArea
{
    public IEnumerable<Quantity> Quantities()
    {
        var texts = new Lazy<TextEmbedding>(() => models.EncodeText([.. reference.Manifest.Prompts]));
        return
        [
            new("text.last_hidden_state", Limits.Module, () => texts.Value.States),
            new("text.prompt_embeds", Limits.Module, () => texts.Value.States),
            new("text.pooled", Limits.Module, () => texts.Value.Pooled!),
        ];
    }
}

/// <summary>Token ids of the recorded texts.</summary>
internal sealed class TokenizerParity(ReferenceFolder reference, ModelPackage package) : IParityArea
{
    public IEnumerable<Quantity> Quantities() =>
    [
        new("tok.ids", Limits.Exact, () => Ids(package, reference.Manifest.Prompts)),
        new("tok2.ids", Limits.Exact, () => Ids(package, reference.Manifest.Prompts, tokenizer: 1)),
        new("trace.target_ids", Limits.Exact, () => Ids(package, [reference.Manifest.TracePrompt])),
        new("trace.target_ids2", Limits.Exact, () => Ids(package, [reference.Manifest.TracePrompt], tokenizer: 1)),
    ];

    /// <summary>Ids of each text, (B, T) int64.</summary>
    public static Tensor Ids(ModelPackage package, IReadOnlyList<string> texts, int tokenizer = 0)
    {
        var chosen = package.LoadTokenizers()[tokenizer];
        return tensor(texts.SelectMany(text => chosen.Encode(text).Ids).ToArray(), [texts.Count, chosen.Length]);
    }
}
