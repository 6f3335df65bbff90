namespace Imagic.Lab.EmojiEdBench;

/// <summary>What is measured of one picture.</summary>
/// <param name="Rank">Of the target concept among those of the target's style, 1 for the nearest.</param>
/// <param name="Nearest">The concept at rank 1.</param>
/// <param name="StyleKept">Whether the nearest drawing of the target concept, of all styles, is of the target's style.</param>
/// <param name="Distance">From the source, see <see cref="Measures.LatentDistance"/>.</param>
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
public sealed record EditScore(BenchEdit Edit, IReadOnlyList<ImageScore> Pictures)
{
    public ImageScore this[Rendering rendering] => Pictures.First(score => score.Rendering == rendering);
}
