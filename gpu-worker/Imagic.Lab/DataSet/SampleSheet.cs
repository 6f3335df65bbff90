using Imagic.Imaging;
using Imagic.Sheets;

namespace Imagic.Lab.DataSet;

/// <summary>The same concepts in every style, one below the other, so that a wrong name meets the eye.</summary>
internal static class SampleSheet
{
    private const int Concepts = 24;

    public static byte[] Draw(IReadOnlyList<PlannedDrawing> drawings, string drawingsPath, DataSetOptions options)
    {
        // Those that most styles have, drawn among these by the seed.
        string[] concepts = [.. drawings.GroupBy(drawing => drawing.Item.CodePoints)
            .OrderByDescending(group => group.Count()).ThenBy(group => Background.Draw(options.Seed, group.Key))
            .Take(Concepts).Select(group => group.Key)];
        var byConcept = drawings.Select((drawing, index) => (drawing.Item, Index: index))
            .ToLookup(entry => (entry.Item.Style, entry.Item.CodePoints));
        using var file = File.OpenHandle(drawingsPath);
        var rows = from style in options.Styles
                   from white in (bool[])[true, false]
                   select new ContactSheetRow(style.Name, [.. concepts.Select(concept => Cell(byConcept[(style.Name, concept)], white))]);
        var sheet = new ContactSheet { Rows = [.. rows], CellSize = options.Side };
        return ImageCodec.Encode(sheet.Render(), ImageFormat.Png);

        ContactSheetCell Cell(IEnumerable<(DataSetItem Item, int Index)> entries, bool white)
        {
            if (entries.FirstOrDefault() is not ({ } item, var index))
                return new(RgbImage.Filled(options.Side, options.Side, 250, 250, 250), "none");
            var background = white ? Background.White : Background.Choose(options.Seed, $"{item.Style}/{item.CodePoints}", 1)[0];
            var drawing = new byte[options.Side * options.Side * 4];
            RandomAccess.Read(file, drawing, (long)index * drawing.Length);
            return new(background.Behind(drawing, options.Side), $"{item.Concept}, {background.Name}");
        }
    }
}
