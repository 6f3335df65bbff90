using System.Globalization;
using Imagic.Editing;

namespace Imagic.Worker.Results;

/// <summary>What a person should know of the versions of an edit, and of what a search has found.</summary>
internal static class SearchNotices
{
    // Versions that differ less are one to the eye: √MSE of 8 of 255.
    private const double AlikeDecibels = 30;

    public static IEnumerable<string> Of(EditSettings settings, IReadOnlyList<EditedImage> pictures)
    {
        var seeds = settings.Sample.Seeds.Distinct().ToList();
        EditedImage[] suggested = [.. pictures.Where(picture => picture.Rank > 0).OrderBy(picture => picture.Rank)];
        if (seeds.Count > 1 && AreAlike(seeds, suggested))
        {
            var variety = settings.Sample.Method.Tunes() ? "lower the weight blend s, which frees the model from the source, or raise eta" : "raise eta";
            yield return $"All versions come out nearly the same, {(settings.Sample.Search is null ? "whatever the seed" : "so one of them is shown")}. For more variety {variety}.";
        }

        if (suggested is [{ Found: { } best } first, ..] && best.Alignment < settings.Sample.Search!.Alignment)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"No strength up to eta {pictures.Max(picture => picture.Key.Strength.Eta):0.##} shows the text clearly (the suggested picture reaches {best.Alignment:0.00} of {settings.Sample.Search.Alignment:0.00}). Lower the weight blend s, raise eta, or say it in other words.");
        }
    }

    private static bool AreAlike(List<long> seeds, EditedImage[] suggested) => suggested.DistinctBy(picture => picture.Key.Seed).ToList() switch
    {
        [_] => true,
        var versions => versions.Count == seeds.Count && versions[0].Found is null
            && versions.Skip(1).All(version => ResultCheck.Decibels(versions[0].Picture.Pixels, version.Picture.Pixels) > AlikeDecibels),
    };
}
