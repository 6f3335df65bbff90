using Imagic.Diffusion.Weights;
using Imagic.Lab.DataSet;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>All drawings on white as points of the space that pictures are compared in.</summary>
public sealed class Gallery : IDisposable
{
    private const int Batch = 256;

    private const string Embeddings = "embeddings", FingerprintKey = "fingerprint";

    private readonly Tensor _embeddings;

    /// <param name="embeddings">(N, d) of unit length; taken over.</param>
    /// <param name="drawings">What each is; skin tones have the concept without.</param>
    public Gallery(Tensor embeddings, IReadOnlyList<StyledConcept> drawings) => (_embeddings, Drawings) = (embeddings, drawings);

    public IReadOnlyList<StyledConcept> Drawings { get; }

    /// <param name="embed">Pictures (B, 3, Side, Side) in [−1, 1] → (B, d) of unit length.</param>
    /// <param name="progress">Gets (drawings done, drawings in all).</param>
    public static Gallery Embed(
        DataSetReader data, DeviceDrawings drawings, Func<Tensor, Tensor> embed, Action<int, int> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(drawings);
        ArgumentNullException.ThrowIfNull(embed);
        ArgumentNullException.ThrowIfNull(progress);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var pieces = new List<Tensor>();
        for (var start = 0; start < drawings.Count; start += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var end = Math.Min(start + Batch, drawings.Count);
            var indices = arange(Held(start), Held(end), One, dtype: ScalarType.Int64, device: drawings.Device);
            var white = drawings.Colours(Enumerable.Repeat(Background.White, end - start));
            pieces.Add(embed(drawings.Compose(indices, white)).MoveToOuterDisposeScope());
            progress(end, drawings.Count);
        }
        return new(cat(pieces).DetachFromDisposeScope(), DrawingsOf(data));
    }

    /// <summary>The gallery that <see cref="Write"/> kept; null when there is none, or one of other drawings or another space.</summary>
    public static Gallery? Read(string path, string fingerprint, DataSetReader data, Device device)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!File.Exists(path)) return null;
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(FingerprintKey) != fingerprint) return null;
        using var embeddings = file.ReadTensor(Embeddings);
        return new(embeddings.to(device).DetachFromDisposeScope(), DrawingsOf(data));
    }

    /// <param name="fingerprint">Of the drawings, and of what embedded them.</param>
    public void Write(string path, string fingerprint)
    {
        using var embeddings = _embeddings.cpu();
        SafetensorsWriter.WriteFile(path, [(Embeddings, embeddings)], new Dictionary<string, string> { [FingerprintKey] = fingerprint });
    }

    /// <summary>Cosines of pictures and drawings.</summary>
    /// <param name="embeddings">(B, d) of unit length.</param>
    /// <returns>B rows of N.</returns>
    public float[][] Similarities(Tensor embeddings)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        using var scope = NewDisposeScope();
        var all = embeddings.matmul(_embeddings.t()).cpu();
        return [.. all.unbind(0).Select(row => row.contiguous().data<float>().ToArray())];
    }

    public void Dispose() => _embeddings.Dispose();

    private static StyledConcept[] DrawingsOf(DataSetReader data) => [.. data.Items.Select(item => new StyledConcept(item.Style, item.BaseConcept))];
}
