using Imagic.Diffusion.Clip;
using Imagic.Diffusion.T5;
using Imagic.Diffusion.UNet;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Packages;

/// <summary>What makes a model's embedding of a text.</summary>
public abstract class TextEncoder : IDisposable
{
    /// <summary>e of each text, states (B, T, d).</summary>
    public abstract TextEmbedding Encode(params IReadOnlyList<string> texts);

    /// <summary>e of a text to steer away from.</summary>
    public virtual TextEmbedding EncodeNegative(string text) => Encode(text);

    public abstract void Dispose();

    /// <summary>Ids or masks of texts as a tensor, (B, T) int64.</summary>
    internal static Tensor Rows(IReadOnlyList<long[]> rows, Device device) =>
        tensor(rows.SelectMany(row => row).ToArray(), [rows.Count, rows[0].Length]).to(device);
}

/// <summary>One tokenizer and text encoder of CLIP, or the two of SDXL.</summary>
public sealed class ClipTextEncoder : TextEncoder
{
    private readonly IReadOnlyList<ClipTokenizer> _tokenizers;
    private readonly bool _zerosWhenEmpty;

    internal ClipTextEncoder(IReadOnlyList<ClipTokenizer> tokenizers, IReadOnlyList<ClipTextModel> models, bool zerosWhenEmpty) =>
        (_tokenizers, Models, _zerosWhenEmpty) = (tokenizers, models, zerosWhenEmpty);

    /// <summary>In the order of the package's folders.</summary>
    public IReadOnlyList<ClipTextModel> Models { get; }

    /// <summary>
    /// e of each text, states (B, T, d): the last of the one encoder, or side by side the last but one of both and the
    /// second one's pooled state (diffusers <c>pipeline_stable_diffusion_xl.py</c>, encode_prompt).
    /// </summary>
    public override TextEmbedding Encode(params IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        if (Models.Count == 1) return new(Models[0].Forward(Ids(0, texts)).MoveToOuterDisposeScope());
        var (first, second) = (Models[0].ForwardPenultimate(Ids(0, texts)), Models[1].ForwardPenultimate(Ids(1, texts)));
        return new TextEmbedding(cat([first.States, second.States], dim: -1), second.Pooled).Map(part => part.MoveToOuterDisposeScope());
    }

    /// <summary>e of a text to steer away from; of none at all some models want zeros.</summary>
    public override TextEmbedding EncodeNegative(string text)
    {
        var embedding = Encode(text);
        return text.Length == 0 && _zerosWhenEmpty ? embedding.Map(part => part.zero_()) : embedding;
    }

    public override void Dispose()
    {
        foreach (var model in Models) model.Dispose();
    }

    private Tensor Ids(int index, IReadOnlyList<string> texts) =>
        Rows([.. texts.Select(text => _tokenizers[index].Encode(text).Ids)], Models[index].Parameters.Device);
}

/// <summary>T5 of a pixel cascade: states of all positions, of padding as well.</summary>
internal sealed class T5TextEncoder(T5Tokenizer tokenizer, T5EncoderModel model) : TextEncoder
{
    public override TextEmbedding Encode(params IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        var rows = texts.Select(tokenizer.Encode).ToList();
        var (ids, mask) = (Rows([.. rows.Select(row => row.Ids)], model.Parameters.Device), Rows([.. rows.Select(row => row.Mask)], model.Parameters.Device));
        return new(model.Forward(ids, mask).MoveToOuterDisposeScope());
    }

    public override void Dispose() => model.Dispose();
}
