using Imagic.Diffusion.Vae;
using Imagic.Editing;
using Imagic.Editing.Sample;
using Imagic.Imaging;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>Measures the pictures of an edit.</summary>
/// <param name="vae">In whose latents distances are taken.</param>
/// <param name="embed">Pictures (B, 3, Side, Side) in [−1, 1] → (B, d) of unit length.</param>
/// <param name="gallery">Embedded by the same.</param>
/// <param name="device">Where <paramref name="vae"/> and <paramref name="embed"/> compute.</param>
public sealed class EditScorer(AutoencoderKL vae, Func<Tensor, Tensor> embed, Gallery gallery, BenchImages pictures, Device device)
{
    /// <param name="renderings">How each picture was made.</param>
    /// <param name="bytes">The pictures, (N, H, W, 3).</param>
    /// <returns>Of each, then of <see cref="Rendering.Unedited"/> and <see cref="Rendering.TrueTarget"/>.</returns>
    public EditScore Score(BenchEdit edit, IReadOnlyList<Rendering> renderings, Tensor bytes)
    {
        ArgumentNullException.ThrowIfNull(edit);
        ArgumentNullException.ThrowIfNull(renderings);
        ArgumentNullException.ThrowIfNull(bytes);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (source, target) = (pictures.Image(edit.Source), pictures.Image(edit.Target));
        var rebuilt = ImageTensors.ToBytes(vae.Decode(vae.Encode(Pixels(Bytes(target))).Mean));
        var all = cat([bytes, Bytes(source), rebuilt]);
        var pixels = Pixels(all);
        var latents = vae.Encode(pixels).Mean;
        var distances = LatentSpace.Distance(latents, latents.narrow(0, bytes.shape[0], 1));
        var similarities = gallery.Similarities(embed(pixels));
        Rendering[] made = [.. renderings, new Rendering.Unedited(), new Rendering.TrueTarget()];
        return new(edit, [.. made.Select((rendering, i) => Score(i, rendering))], Evenness(made, all, latents));

        ImageScore Score(int i, Rendering rendering)
        {
            var picture = ImageTensors.ToImage(all, i);
            var (rank, nearest) = Ranking.Rank(similarities[i], gallery.Drawings, edit.Target);
            return new(
                rendering, rank, nearest, Ranking.NearestStyle(similarities[i], gallery.Drawings, edit.Target.Concept) == edit.Target.Style,
                distances[i], Measures.OutsideDistance(picture, source, target), Measures.Psnr(picture, source));
        }
    }

    // Of the source and the pictures of its axis, of which a shorter one repeats the last: the same pixels, and nearly the same latents.
    private static double? Evenness(Rendering[] made, Tensor bytes, Tensor latents)
    {
        var found = made.Index().Where(entry => entry.Item is Rendering.Found { Cell: > 0 }).Select(entry => entry.Index).DistinctBy(row => ImageTensors.ToImage(bytes, row));
        int[] axis = [Array.IndexOf(made, new Rendering.Unedited()), .. found];
        return axis.Length == 1 ? null : StrengthAxis.Evenness(axis, (one, other) => LatentSpace.Distance(latents.narrow(0, one, 1), latents.narrow(0, other, 1))[0]);
    }

    private static Tensor Bytes(RgbImage image) => tensor(image.Pixels, [1, image.Height, image.Width, 3], dtype: ScalarType.Byte);

    private Tensor Pixels(Tensor bytes) => bytes.to(device).permute(0, 3, 1, 2).to(ScalarType.Float32).mul(Held(2f / 255)).sub(Held(1)).contiguous();
}

/// <summary>What is measured of one picture.</summary>
/// <param name="Rank">Of the target concept among those of the target's style, 1 for the nearest.</param>
/// <param name="Nearest">The concept at rank 1.</param>
/// <param name="StyleKept">Whether the nearest drawing of the target concept, of all styles, is of the target's style.</param>
/// <param name="Distance">From the source, see <see cref="LatentSpace.Distance"/>.</param>
/// <param name="Outside">From the source where nothing should change, see <see cref="Measures.OutsideDistance"/>.</param>
/// <param name="Psnr">Against the source, dB.</param>
public sealed record ImageScore(Rendering Rendering, int Rank, string Nearest, bool StyleKept, double Distance, double? Outside, double Psnr)
{
    /// <summary>The target concept is among the nearest five.</summary>
    public bool IsInTop5 => Rank <= 5;

    /// <summary>All that the target text says has become true: the concept, and the style. The concept alone is nothing where only the
    /// style is to change.</summary>
    public bool IsSuccess => IsInTop5 && StyleKept;
}

/// <summary>The scores of an edit's pictures.</summary>
/// <param name="Evenness">Largest step by mean step of the axis that was found; null where none was looked for.</param>
public sealed record EditScore(BenchEdit Edit, IReadOnlyList<ImageScore> Pictures, double? Evenness = null)
{
    public ImageScore this[Rendering rendering] => rendering is Rendering.BestFound
        ? Pictures.Where(score => score.Rendering is Rendering.Found).OrderByDescending(score => score.IsSuccess).ThenBy(score => score.Distance).First()
        : Pictures.First(score => score.Rendering == rendering);
}
