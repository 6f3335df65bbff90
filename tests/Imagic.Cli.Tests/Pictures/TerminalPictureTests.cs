using System.Text.RegularExpressions;
using Imagic.Cli.Pictures;
using Imagic.Contracts;
using Imagic.Imaging;

namespace Imagic.Cli.Tests.Pictures;

public class TerminalPictureTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3072)] // exactly one chunk
    [InlineData(3073)]
    [InlineData(10_000)]
    public void Kitty_OfAFile_IsItsBytesInChunks(int length)
    {
        var file = Bytes(length);

        var sequences = Regex.Matches(KittyGraphics.Encode(file, 20), "\e_G(?<keys>[^;]*);(?<data>[^\e]*)\e\\\\", RegexOptions.None, TimeSpan.FromSeconds(1));

        Assert.Equal(KittyGraphics.Encode(file, 20), string.Concat(sequences.Select(sequence => sequence.Value)));
        Assert.All(sequences, sequence => Assert.InRange(sequence.Groups["data"].Length, 1, 4096));
        Assert.All(sequences.SkipLast(1), sequence => Assert.Equal(4096, sequence.Groups["data"].Length));
        Assert.Equal(file, Convert.FromBase64String(string.Concat(sequences.Select(sequence => sequence.Groups["data"].Value))));
        Assert.Equal((length + 3071) / 3072, sequences.Count);
        string[] expected = [.. Enumerable.Repeat("m=1", sequences.Count - 1), "m=0"];
        expected[0] = "a=T,f=100,q=2,c=20," + expected[0];
        Assert.Equal(expected, sequences.Select(sequence => sequence.Groups["keys"].Value));
    }

    [Fact]
    public void ITerm_OfAFile_IsOneSequenceWithItsSize()
    {
        var file = Bytes(5000);

        Assert.Equal(
            $"\e]1337;File=inline=1;size=5000;width=30;height=auto;preserveAspectRatio=1:{Convert.ToBase64String(file)}\a", ITermImage.Encode(file, 30));
    }

    [Theory]
    [InlineData(64, 64, 80, 24, 20)] // small ones are made larger
    [InlineData(512, 512, 120, 50, 48)]
    [InlineData(512, 512, 120, 24, 34)] // 17 lines
    [InlineData(512, 512, 40, 50, 39)]
    [InlineData(300, 200, 120, 50, 30)]
    [InlineData(64, 6400, 80, 24, 1)]
    [InlineData(512, 512, 1, 1, 1)]
    public void Columns_OfAPicture_LetItFitOnTheScreen(int width, int height, int columns, int lines, int expected) =>
        Assert.Equal(expected, TerminalPicture.Columns(RgbImage.Filled(width, height, 0, 0, 0), columns, lines));

    [Fact]
    public void Sequences_OfALargePicture_HoldASmallerOne()
    {
        var picture = RgbImage.Filled(2000, 1000, 10, 200, 30);

        var kitty = TerminalPicture.Sequences(PictureProtocol.Kitty, picture, 100, 50);
        var iTerm = TerminalPicture.Sequences(PictureProtocol.ITerm, picture, 100, 50);
        var sixel = TerminalPicture.Sequences(PictureProtocol.Sixel, picture, 100, 50);

        var kittyData = string.Concat(Regex.Matches(kitty, ";(?<data>[^\e]*)\e", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Groups["data"].Value));
        foreach (var data in new[] { kittyData, iTerm[(iTerm.IndexOf(':', StringComparison.Ordinal) + 1)..^1] })
        {
            var shown = ImageCodec.Decode(Convert.FromBase64String(data), ImageLimits.Default);
            Assert.Equal(RgbImage.Filled(960, 480, 10, 200, 30), shown);
        }

        Assert.StartsWith("\eP0;1;0q\"1;1;480;240#", sixel, StringComparison.Ordinal);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
