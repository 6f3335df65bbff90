using Imagic.Editing;
using Imagic.Imaging;
using Imagic.Sheets;

namespace Imagic.Lab.Train;

/// <summary>64 pictures of 64 captions: all styles, from what every set draws to what few do.</summary>
public static class TextToImageSheet
{
    private const int Columns = 8, CellSize = 96;

    /// <summary>One line each.</summary>
    public static IReadOnlyList<string> Captions { get; } = Read();

    /// <summary>Draws the sheet as PNG. Caption n starts from the noise of seed n.</summary>
    public static byte[] Draw(LoadedModels models, CancellationToken cancellationToken)
    {
        using var pictures = new TextToImage().Pictures(models, Captions, [.. Enumerable.Range(0, Captions.Count).Select(n => (long)n)], cancellationToken);
        var cells = Captions.Select((caption, n) =>
        {
            var picture = ImageTensors.ToImage(pictures, n);
            return new ContactSheetCell(picture, caption);
        });
        var sheet = new ContactSheet { Rows = [.. cells.Chunk(Columns).Select(row => new ContactSheetRow(null, row))], CellSize = CellSize };
        return ImageCodec.Encode(sheet.Render(), ImageFormat.Png);
    }

    private static string[] Read()
    {
        using var stream = typeof(TextToImageSheet).Assembly.GetManifestResourceStream("sheet-captions.txt")
            ?? throw new InvalidOperationException("sheet-captions.txt is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
