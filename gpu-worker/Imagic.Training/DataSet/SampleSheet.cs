using Imagic.Imaging;

namespace Imagic.Training.DataSet;

/// <summary>The same concepts in every style, one below the other, so that a wrong name meets the eye.</summary>
static class SampleSheet
{
    const int Concepts = 24;

    public static byte[] Draw(IReadOnlyList<PlannedPicture> pictures, string picturesPath, DataSetOptions options)
    {
        // Those that most styles have, drawn among these by the seed.
        string[] concepts = [.. pictures.Where(picture => picture.Background == Background.White)
            .GroupBy(picture => picture.Item.CodePoints)
            .OrderByDescending(group => group.Count()).ThenBy(group => Background.Draw(options.Seed, group.Key))
            .Take(Concepts).Select(group => group.Key)];
        var byConcept = pictures.Select((picture, index) => (picture.Item, Index: index))
            .ToLookup(entry => (entry.Item.Style, entry.Item.CodePoints, entry.Item.Background == Background.White.Name));
        using var file = File.OpenHandle(picturesPath);
        var rows = from style in options.Styles
                   from white in options.Backgrounds > 0 ? (bool[])[true, false] : [true]
                   select new ContactSheetRow(style.Name, [.. concepts.Select(concept => Cell(byConcept[(style.Name, concept, white)]))]);
        var sheet = new ContactSheet { Rows = [.. rows], CellSize = options.Side };
        return ImageCodec.Default.Encode(sheet.Render(ImageCodec.Default), ImageFormat.Png);

        ContactSheetCell Cell(IEnumerable<(DataSetItem Item, int Index)> entries) => entries.FirstOrDefault() is ({ } item, var index)
            ? new(Read(index), $"{item.Concept}, {item.Background}")
            : new(RgbImage.Filled(options.Side, options.Side, 250, 250, 250), "none");

        RgbImage Read(int index)
        {
            var pixels = new byte[options.Side * options.Side * 3];
            RandomAccess.Read(file, pixels, (long)index * pixels.Length);
            return new RgbImage(options.Side, options.Side, pixels);
        }
    }
}
