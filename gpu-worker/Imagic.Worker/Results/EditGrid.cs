using System.Globalization;
using Imagic.Editing;
using Imagic.Sheets;

namespace Imagic.Worker.Results;

/// <summary><c>grid.png</c>: seeds × η for each weight blend, the source beside it.</summary>
public static class EditGrid
{
    private const byte WithheldGrey = 205;

    public static RgbImage Render(RgbImage source, EditSettings settings, IReadOnlyList<EditedImage> pictures, IReadOnlySet<ImageKey> withheld)
    {
        var withheldTile = new ContactSheetCell(RgbImage.Filled(source.Width, source.Height, WithheldGrey, WithheldGrey, WithheldGrey), "withheld");
        var cells = pictures.ToDictionary(
            picture => picture.Key, picture => withheld.Contains(picture.Key) ? withheldTile : new ContactSheetCell(picture.Picture));
        var blends = settings.Sample.Blends.Distinct().ToList();
        var sheet = new ContactSheet
        {
            Title = settings.TargetText,
            Source = source,
            CellSize = Math.Clamp(Math.Max(source.Width, source.Height), 160, 512),
            ColumnHeadings = [.. settings.EtasWithSource().Select(eta => $"η = {Number(eta)}")],
            Rows =
            [
                .. from blend in blends
                   from seed in settings.Sample.Seeds.Distinct()
                   select new ContactSheetRow(
                       blends.Count > 1 ? $"seed {seed}\ns = {Number(blend)}" : $"seed {seed}",
                       [.. settings.EtasWithSource().Select(eta => cells[new(seed, new(eta, blend))])]),
            ],
        };
        return sheet.Render();
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
