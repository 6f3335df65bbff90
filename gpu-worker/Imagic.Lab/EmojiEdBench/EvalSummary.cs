using Imagic.Editing;
using Imagic.Editing.Sample;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>A method over a number of edits.</summary>
/// <param name="Edits">How many.</param>
/// <param name="Top1">Edits whose target concept is the nearest; a fraction where two strengths are interpolated.</param>
/// <param name="Top5">Edits where it is among the nearest five.</param>
/// <param name="StyleKept">Edits whose style is the target's.</param>
/// <param name="Both">Edits where the last two are true.</param>
/// <param name="Distance">From the source, mean; see <see cref="LatentSpace.Distance"/>.</param>
/// <param name="Outside">From the source where nothing should change, mean; see <see cref="Measures.OutsideDistance"/>.</param>
/// <param name="Psnr">Against the source, mean, dB.</param>
public sealed record MethodSummary(int Edits, double Top1, double Top5, double StyleKept, double Both, double Distance, double? Outside, double Psnr)
{
    public static MethodSummary Of(IReadOnlyCollection<ImageScore> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return new(
            scores.Count, scores.Count(score => score.Rank == 1), scores.Count(score => score.IsInTop5), scores.Count(score => score.StyleKept),
            scores.Count(score => score.IsSuccess), scores.Average(score => score.Distance), scores.Average(score => score.Outside), scores.Average(score => score.Psnr));
    }

    /// <summary>Between this at 0 and <paramref name="other"/> at 1.</summary>
    public MethodSummary Towards(MethodSummary other, double share)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(
            Edits, Mix(Top1, other.Top1), Mix(Top5, other.Top5), Mix(StyleKept, other.StyleKept), Mix(Both, other.Both),
            Mix(Distance, other.Distance), Outside is { } one && other.Outside is { } two ? Mix(one, two) : null, Mix(Psnr, other.Psnr));

        double Mix(double from, double to) => from + share * (to - from);
    }
}

/// <summary>The strength of SDEdit that goes as far from the source as Imagic does, between two that were rendered.</summary>
/// <param name="Share">0 is <paramref name="Lower"/>, 1 is <paramref name="Upper"/>.</param>
/// <param name="IsReached">False where all strengths stay nearer, or go further: then it is the last, or the first.</param>
public readonly record struct EqualDistance(double Lower, double Upper, double Share, bool IsReached)
{
    public double Strength => Lower + Share * (Upper - Lower);

    /// <summary>The rendered strength that is nearest.</summary>
    public double Nearest => Share < 0.5 ? Lower : Upper;

    /// <param name="strengths">Rising, at least one.</param>
    /// <param name="distances">Mean distance of each.</param>
    /// <param name="wanted">The distance to meet.</param>
    public static EqualDistance Find(IReadOnlyList<double> strengths, IReadOnlyList<double> distances, double wanted)
    {
        ArgumentNullException.ThrowIfNull(strengths);
        ArgumentNullException.ThrowIfNull(distances);
        for (var i = 1; i < strengths.Count; i++)
        {
            if (distances[i - 1] <= wanted && wanted <= distances[i] && distances[i - 1] < distances[i])
                return new(strengths[i - 1], strengths[i], (wanted - distances[i - 1]) / (distances[i] - distances[i - 1]), true);
        }
        var end = wanted < distances[0] ? strengths[0] : strengths[^1];
        return new(end, end, 0, distances.Contains(wanted));
    }
}

/// <summary>The scores of all edits, put together.</summary>
public sealed class EvalSummary
{
    public EvalSummary(EvalPlan plan, IReadOnlyList<EditScore> scores)
    {
        ArgumentNullException.ThrowIfNull(plan);
        (Plan, Scores) = (plan, scores);
        EqualDistance = EqualDistance.Find(
            plan.Strengths, [.. plan.Strengths.Select(strength => Of(new Rendering.SdEdit(strength)).Distance)], Of(plan.Reported).Distance);
    }

    public EvalPlan Plan { get; }

    public IReadOnlyList<EditScore> Scores { get; }

    /// <summary>The edits that failed at the strength that is reported.</summary>
    public IEnumerable<EditScore> Failed => Scores.Where(score => !score[Plan.Reported].IsSuccess);

    public EqualDistance EqualDistance { get; }

    /// <summary>Of the axes that were found, those that are even by what is seen, in the pictures as they are shown.</summary>
    public int EvenAxes => Scores.Count(score => score.Evenness <= StrengthAxis.EvenUpTo);

    /// <summary>One way of rendering, over all edits or those of a kind.</summary>
    public MethodSummary Of(Rendering rendering, EditKind? kind = null) =>
        MethodSummary.Of([.. Scores.Where(score => kind is null || score.Edit.Kind == kind).Select(score => score[rendering])]);

    /// <summary>SDEdit as far from the source as Imagic is, over all edits: the same strength for every kind.</summary>
    public MethodSummary SdEditAtEqualDistance(EditKind? kind = null) =>
        Of(new Rendering.SdEdit(EqualDistance.Lower), kind).Towards(Of(new Rendering.SdEdit(EqualDistance.Upper), kind), EqualDistance.Share);
}
