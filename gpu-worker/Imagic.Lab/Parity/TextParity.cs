using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.T5;
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
    public IEnumerable<Quantity> Quantities() => package.Family == ModelFamily.PixelCascade
        ?
        [
            new("tok.ids", Limits.Exact, () => PieceRows(reference.Manifest.Prompts, row => row.Ids)),
            new("tok.mask", Limits.Exact, () => PieceRows(reference.Manifest.Prompts, row => row.Mask)),
            new("trace.target_ids", Limits.Exact, () => PieceRows([reference.Manifest.TracePrompt], row => row.Ids)),
            new("trace.target_mask", Limits.Exact, () => PieceRows([reference.Manifest.TracePrompt], row => row.Mask)),
        ]
        :
    [
        new("tok.ids", Limits.Exact, () => Ids(package, reference.Manifest.Prompts)),
        new("tok2.ids", Limits.Exact, () => Ids(package, reference.Manifest.Prompts, tokenizer: 1)),
        new("trace.target_ids", Limits.Exact, () => Ids(package, [reference.Manifest.TracePrompt])),
        new("trace.target_ids2", Limits.Exact, () => Ids(package, [reference.Manifest.TracePrompt], tokenizer: 1)),
    ];

    private Tensor PieceRows(IReadOnlyList<string> texts, Func<(long[] Ids, long[] Mask), long[]> part)
    {
        var tokenizer = T5Tokenizer.Load(Path.Combine(package.Folder, "stage_1", "tokenizer"));
        return TextEncoder.Rows([.. texts.Select(text => part(tokenizer.Encode(text)))], CPU);
    }

    /// <summary>Ids of each text, (B, T) int64.</summary>
    public static Tensor Ids(ModelPackage package, IReadOnlyList<string> texts, int tokenizer = 0)
    {
        var chosen = ClipTokenizer.Load(Path.Combine(package.Folder, tokenizer == 0 ? "tokenizer" : "tokenizer_2"));
        return tensor(texts.SelectMany(text => chosen.Encode(text).Ids).ToArray(), [texts.Count, chosen.Length]);
    }
}
