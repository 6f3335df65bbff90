namespace Imagic.Sheets;

/// <summary>Light paper to lay pictures and labels on.</summary>
internal sealed class SheetCanvas(int width, int height)
{
    private const byte Paper = 250;

    public RgbImage Image { get; } = RgbImage.Filled(width, height, Paper, Paper, Paper);

    public void Place(RgbImage picture, int left, int top)
    {
        for (var y = 0; y < picture.Height; y++)
            picture.Row(y).CopyTo(Image.Row(top + y)[(left * 3)..]);
    }

    /// <summary>What reaches beyond the paper is left out: a word too long for a narrow sheet.</summary>
    public void Write(SheetLabel label, int left, int top)
    {
        if (label.Text is not { } text)
            return;
        var (firstRow, firstColumn) = (Math.Max(-top, 0), Math.Max(-left, 0));
        var (rows, columns) = (Math.Min(text.Height, height - top), Math.Min(text.Width, width - left));
        for (var y = firstRow; y < rows; y++)
        {
            var row = Image.Row(top + y);
            for (var x = firstColumn; x < columns; x++)
            {
                var coverage = text.Coverage[y * text.Width + x];
                foreach (ref var sample in row.Slice((left + x) * 3, 3))
                    sample = (byte)((sample * (255 - coverage) + label.Ink * coverage + 127) / 255);
            }
        }
    }
}

/// <summary>A label that takes no room where there is no text.</summary>
/// <param name="Ink">Grey level of the letters.</param>
internal readonly record struct SheetLabel(TextMask? Text, byte Ink)
{
    public int Width => Text?.Width ?? 0;

    public int Height => Text?.Height ?? 0;

    /// <summary>Height and a gap, or nothing at all.</summary>
    public int HeightWith(int gap) => Text is null ? 0 : Height + gap;
}
