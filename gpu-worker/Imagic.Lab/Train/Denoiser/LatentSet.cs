using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Vae;
using Imagic.Lab.DataSet;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Denoiser;

/// <summary>The training pictures as latents, encoded once, with their captions: each drawing on white and on some colours.
/// </summary>
public sealed class LatentSet : IDisposable
{
    private const int Batch = 256;
    private const double WhiteShare = 0.6;

    private readonly Tensor _latents, _shares;
    private readonly CaptionTable _captions;
    private readonly int _colours;

    private LatentSet(Tensor latents, Tensor shares, CaptionTable captions, int colours) =>
        (_latents, _shares, _captions, _colours) = (latents, shares, captions, colours);

    /// <summary>Encodes the training drawings of a data set.</summary>
    /// <param name="vae">In the dtype that it computes in.</param>
    /// <param name="scalingFactor">What latents are multiplied by.</param>
    /// <param name="colours">Colours for each drawing, besides white; chosen by the seed.</param>
    /// <param name="progress">Gets (pictures done, pictures in all).</param>
    public static LatentSet Encode(
        AutoencoderKL vae, double scalingFactor, DataSetReader data, DeviceDrawings drawings, ClipTokenizer tokenizer, int colours,
        long seed, IProgress<(int Done, int Of)>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(drawings);
        var items = data.Items.Take(drawings.TrainingCount).ToArray();
        Background[][] chosen = [.. items.Select(item => Background.Choose(seed, $"{item.Style}/{item.CodePoints}", colours))];
        var backgrounds = chosen.SelectMany(colours => colours.Prepend(Background.White)).ToArray();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var parts = new List<Tensor>();
        for (var start = 0; start < backgrounds.Length; start += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var count = Math.Min(Batch, backgrounds.Length - start);
            var indices = arange(Held(start), Held(start + count), One, dtype: ScalarType.Int64, device: drawings.Device)
                .div(Held(1 + colours), RoundingMode.floor);
            var pictures = drawings.Compose(indices, drawings.Colours(backgrounds.Skip(start).Take(count)));
            var mean = vae.Encode(pictures.to(vae.Parameters.Dtype)).Mean.to(ScalarType.Float32);
            parts.Add(mean.mul_(Held(scalingFactor)).MoveToOuterDisposeScope());
            progress?.Report((start + count, backgrounds.Length));
        }
        var captions = CaptionTable.Create(items, chosen, tokenizer, drawings.Device);
        var shares = tensor(DrawingShares.Of(items), dtype: ScalarType.Int64).to(drawings.Device);
        return new(cat(parts).DetachFromDisposeScope(), shares.DetachFromDisposeScope(), captions, colours);
    }

    public Device Device => _latents.device;

    /// <summary>Latents (B, C, h, w) float32 and caption ids (B, T) of pictures drawn at random.</summary>
    /// <param name="dropout">Share of empty captions.</param>
    /// <param name="generator">Lives on the latents' device.</param>
    public (Tensor Latents, Tensor Ids) Next(int batch, double dropout, Generator generator)
    {
        using var scope = NewDisposeScope();
        var drawing = _shares.index_select(0, randint(_shares.numel(), [batch], device: Device, generator: generator));
        var colour = randint(1, 1 + Math.Max(1, _colours), [batch], device: Device, generator: generator);
        var white = rand(batch, device: Device, generator: generator).lt(Held(_colours == 0 ? 1.0 : WhiteShare));
        var picture = (drawing * Held(1 + _colours)).add(colour.masked_fill(white, Held(0)), One);
        return scope.MoveToOuter(_latents.index_select(0, picture), _captions.Next(picture, dropout, generator));
    }

    public void Dispose()
    {
        _latents.Dispose();
        _shares.Dispose();
        _captions.Dispose();
    }
}

/// <summary>How often each drawing is learned from.</summary>
internal static class DrawingShares
{
    /// <summary>Share of a drawing that stands alone: the skin tones of a concept, six with the one without, divide it.</summary>
    private const int Whole = 12;

    /// <summary>There are hundreds of flags in each style, and nobody edits one into another.</summary>
    private const int Flag = 4;

    /// <summary>Indices of drawings, each as often as its share. The skin tones of a concept share what it has, as hands and
    /// people would otherwise be more than half of all.</summary>
    public static long[] Of(IReadOnlyList<DataSetItem> items)
    {
        var tones = items.GroupBy(item => (item.Style, item.BaseConcept)).ToDictionary(group => group.Key, group => group.Count());
        return
        [
            .. items.SelectMany((item, index) => Enumerable.Repeat(
                (long)index, Math.Max(1, (item.Group == "flags" ? Flag : Whole) / tones[(item.Style, item.BaseConcept)]))),
        ];
    }
}
