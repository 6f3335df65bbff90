namespace Imagic.Lab.DataSet;

/// <param name="Side">Width and height in pixels: 64, 96 or 128.</param>
/// <param name="Seed">Chooses what the sample shows.</param>
/// <param name="Threads">Drawings rendered at the same time; without effect on what comes out.</param>
public sealed record DataSetOptions(IReadOnlyList<EmojiStyle> Styles, int Side = 64, int Seed = 0, int Threads = 1)
{
    public static IReadOnlyList<int> Sides { get; } = [64, 96, 128];
}
