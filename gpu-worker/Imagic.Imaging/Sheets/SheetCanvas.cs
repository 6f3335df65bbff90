namespace Imagic.Imaging;

/// <summary>Light paper to lay pictures and labels on.</summary>
sealed class SheetCanvas(int width, int height)
{
    const byte Paper = 250;

    public RgbImage Image { get; } = RgbImage.Filled(width, height, Paper, Paper, Paper);

    public void Place(RgbImage picture, int left, int top)
    {
        for (var y = 0; y < picture.Height; y++)
            picture.Row(y).CopyTo(Image.Row(top + y)[(left * 3)..]);
    }

    public void Write(SheetLabel label, int left, int top)
    {
        if (label.Text is not { } text)
            return;
        for (var y = 0; y < text.Height; y++)
        {
            var row = Image.Row(top + y).Slice(left * 3, text.Width * 3);
            for (var i = 0; i < row.Length; i++)
            {
                var coverage = text.Coverage[y * text.Width + i / 3];
                row[i] = (byte)((row[i] * (255 - coverage) + label.Ink * coverage + 127) / 255);
            }
        }
    }
}

/// <summary>A label that takes no room where there is no text, or no font to draw it with.</summary>
/// <param name="Ink">Grey level of the letters.</param>
readonly record struct SheetLabel(TextMask? Text, byte Ink)
{
    public int Width => Text?.Width ?? 0;

    public int Height => Text?.Height ?? 0;

    /// <summary>Height and a gap, or nothing at all.</summary>
    public int HeightWith(int gap) => Text is null ? 0 : Height + gap;
}
