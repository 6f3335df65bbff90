using System.Globalization;
using Imagic.Editing;

namespace Imagic.Worker.Results;

/// <summary>Whether pictures can be right, whatever the edit: what can be told without looking at them.</summary>
internal static class ResultCheck
{
    // What tuning that was stopped early loses; a wrong scheduler loses more.
    private const double MostLoss = 10;

    // Of one colour, but for what a decoder adds.
    private const int FlatRange = 8;

    /// <summary>What a person should look at; empty when nothing is amiss.</summary>
    /// <param name="source">Source picture at the working size.</param>
    /// <param name="pictures">All pictures of the plan.</param>
    /// <param name="autoencoder">Gives what the autoencoder alone makes of the source, or interpolation.</param>
    /// <exception cref="EditException">All are of one colour.</exception>
    public static IReadOnlyList<string> Run(RgbImage source, IReadOnlyList<EditedImage> pictures, Func<RgbImage> autoencoder)
    {
        if (!IsFlat(source) && pictures.All(picture => IsFlat(picture.Picture)))
        {
            throw new EditException(
                "All pictures are of one colour. Look at the model's scheduler (prediction type, timestep spacing), or take fewer or slower training steps.");
        }

        // With weights that are blended back nobody expects the source.
        EditedImage[] sources = [.. pictures.Where(picture => picture.Key.Strength is { Eta: 0, Blend: 1 })];
        if (sources.Length == 0) return [];
        var reconstruction = sources.Max(picture => Decibels(source.Pixels, picture.Picture.Pixels));
        var possible = Decibels(source.Pixels, autoencoder().Pixels);
        return possible - reconstruction <= MostLoss ? [] :
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"At eta 0 the source comes back at {reconstruction:F1} dB, where {(pictures[0].Small is null ? "the model's autoencoder" : "interpolating its small picture")} alone gives {possible:F1} dB. ")
            + "Either the tuning was short (more steps), or the model package does not say what the model is (its scheduler's prediction type and timestep spacing, the UNet's sample size).",
        ];
    }

    /// <summary>Peak signal-to-noise ratio of 8-bit pixels; at most 99, which equal pictures get.</summary>
    public static double Decibels(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        long sum = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = expected[i] - actual[i];
            sum += difference * difference;
        }

        return sum == 0 ? 99 : Math.Round(10 * Math.Log10(255.0 * 255 * expected.Length / sum), 2);
    }

    private static bool IsFlat(RgbImage picture)
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var (low, high) = (255, 0);
            for (var i = channel; i < picture.Pixels.Length; i += 3) (low, high) = (Math.Min(low, picture.Pixels[i]), Math.Max(high, picture.Pixels[i]));
            if (high - low > FlatRange) return false;
        }

        return true;
    }
}
