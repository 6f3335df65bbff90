using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Edits;

/// <summary>What an edit computes. The unit is one pass of the UNet over one picture of the model's own size.</summary>
/// <param name="Used">What the settings ask for, early stops and drafts that a search can do without left aside.</param>
/// <param name="Allowed">What one edit may use here; absent where there is no limit.</param>
public sealed record EditCost(double Used, double? Allowed = null)
{
    /// <summary>What one edit may use where nobody says otherwise: four times that of the paper's settings.</summary>
    public static readonly double DefaultBudget = 4 * Of(EditProfile.All["paper-sd"].For("a photo"), null, EditProfile.DefaultSide);

    // Backward takes about twice the time of forward.
    private const int PassesPerTraining = 3;

    /// <summary>Counts.</summary>
    /// <param name="settings">All numbers.</param>
    /// <param name="size">Working size; null is about the model's own.</param>
    /// <param name="side">Side of the square that the model was trained on, in pixels.</param>
    /// <param name="isTuned">Whether it samples a tuning that is there.</param>
    public static double Of(EditSettings settings, WorkingSize? size, int side, bool isTuned = false)
    {
        var sample = settings.Sample;
        var seeds = (double)sample.Seeds.Distinct().Count();
        var rows = seeds * sample.Blends.Distinct().Count();
        // Of a search in full: the source again, and what is suggested of each seed; of a cascade all that it keeps.
        var pictures = sample.Search is null ? rows * settings.EtasWithSource().Length : 1 + (settings.SuperResolution is null ? seeds : rows * StrengthSearch.Kept);
        var passes = sample.Method == EditMethod.SdEdit
            ? rows * settings.EtasWithSource().Sum(eta => Passes(sample.StepsAt(eta), sample.Guidance))
            : pictures * Passes(sample.Steps, sample.Guidance);
        if (sample.Method == EditMethod.Ddib) passes += sample.Steps;
        if (sample.Search is { } search) passes += (1 + rows * search.Renders) * (Passes(search.Steps, sample.Guidance) + 2 * StrengthSearch.Looks);
        if (settings.SuperResolution is { } super) passes += pictures * Passes(super.Steps, super.Guidance);
        if (!isTuned) passes += PassesPerTraining * (Training(settings.Optimize) + Training(settings.FineTune) + Training(settings.SuperResolution?.FineTune));
        return passes * (size is null ? 1 : size.Pixels / ((double)side * side));

        static double Passes(int steps, double guidance) => steps * (guidance == 1 ? 1 : 2);

        static double Training(DescentSettings? training) => training is null ? 0 : (double)training.Steps * training.Batch;
    }

    /// <summary>Counts and compares.</summary>
    /// <param name="settings">All numbers.</param>
    /// <param name="size">Working size; null is about the model's own.</param>
    /// <param name="side">Side of the square that the model was trained on, in pixels.</param>
    /// <param name="budget">What one edit may use; 0 is no limit.</param>
    /// <param name="isTuned">Whether it samples a tuning that is there.</param>
    /// <exception cref="OverBudgetException">It is more.</exception>
    public static EditCost Within(EditSettings settings, WorkingSize? size, int side, double budget, bool isTuned = false)
    {
        var cost = new EditCost(Math.Round(Of(settings, size, side, isTuned), 1), budget > 0 ? budget : null);
        return cost.Used <= (cost.Allowed ?? double.PositiveInfinity) ? cost : throw new OverBudgetException(cost);
    }
}

/// <summary>An edit would compute more than one edit may.</summary>
public sealed class OverBudgetException(EditCost cost) : ImagicException(
    "over-budget", FaultKind.BadInput,
    FormattableString.Invariant($"The edit needs {cost.Used:N0} passes of the model, and one edit may use {cost.Allowed:N0}. ")
    + "Lower the steps or batch of optimize or fineTune, the number of pictures (seeds x etas x blends), the sampling steps, or the size.");
