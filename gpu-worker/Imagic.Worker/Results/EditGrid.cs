using System.Globalization;
using Imagic.Editing;
using Imagic.Sheets;

namespace Imagic.Worker.Results;

/// <summary><c>grid.png</c>: a row for each seed and weight blend, η rising, the source beside it.</summary>
public static class EditGrid
{
    private const byte WithheldGrey = 205;

    public static RgbImage Render(RgbImage source, EditSettings settings, IReadOnlyList<EditedImage> pictures, IReadOnlySet<ImageKey> withheld)
    {
        var grey = RgbImage.Filled(source.Width, source.Height, WithheldGrey, WithheldGrey, WithheldGrey);
        var table = ResultTable.Of(settings, pictures.ToDictionary(picture => picture.Key));
        var sheet = new ContactSheet
        {
            Title = settings.TargetText,
            Source = source,
            CellSize = Math.Clamp(Math.Max(source.Width, source.Height), 160, 512),
            ColumnHeadings = [.. table.Etas.Select(eta => $"η = {Number(eta)}")],
            Rows =
            [
                .. table.Rows.Select(row => new ContactSheetRow(
                    table.HasBlends ? $"seed {row.Seed}\ns = {Number(row.Blend)}" : $"seed {row.Seed}", [.. row.Cells.Select(Cell)])),
            ],
        };
        return sheet.Render();

        ContactSheetCell Cell(EditedImage picture) => withheld.Contains(picture.Key)
            ? new(grey, "withheld")
            : new(picture.Picture, picture.Found is null ? null : $"η = {Number(picture.Key.Strength.Eta)}{(picture.Rank > 0 ? ", suggested" : "")}");
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
