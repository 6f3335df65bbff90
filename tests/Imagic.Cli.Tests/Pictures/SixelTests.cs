using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Cli.Pictures;
using Imagic.Contracts;

namespace Imagic.Cli.Tests.Pictures;

public partial class SixelTests
{
    // Between two levels of a channel.
    private const int Step = 51;

    [Fact]
    public void Encode_OfAnyPicture_DecodesToItWithinAStepOfThePalette()
    {
        var pictures =
            from width in Gen.Choose(1, 40)
            from height in Gen.Choose(1, 20)
            from colours in Gen.Choose(1, 50)
            from seed in Gen.Choose(0, int.MaxValue)
            select Picture(width, height, colours, seed);
        Prop.ForAll(Arb.From(pictures), picture =>
        {
            var shown = Decode(Sixel.Encode(picture), out var colours);
            Assert.Equal((picture.Width, picture.Height), (shown.Width, shown.Height));
            Assert.InRange(colours, 1, 256);
            for (var i = 0; i < picture.Pixels.Length; i++) Assert.InRange(shown.Pixels[i] - picture.Pixels[i], -Step + 1, Step - 1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void Encode_OfOneColour_HasItOnAverage()
    {
        for (var value = 0; value <= 255; value++)
        {
            var shown = Decode(Sixel.Encode(RgbImage.Filled(16, 16, (byte)value, (byte)(255 - value), 128)), out _);

            for (var channel = 0; channel < 3; channel++)
            {
                var mean = Enumerable.Range(0, 256).Average(i => shown.Pixels[i * 3 + channel]);
                Assert.Equal(new[] { value, 255 - value, 128 }[channel], mean, 0.5);
            }
        }
    }

    [Fact]
    public void Encode_OfColoursOfThePalette_IsExactAndShort()
    {
        var picture = RgbImage.Filled(100, 7, 255, 51, 0);

        Assert.Equal("\eP0;1;0q\"1;1;100;7#186;2;100;20;0#186!100~-#186!100@-\e\\", Sixel.Encode(picture));
    }

    private static RgbImage Picture(int width, int height, int colours, int seed)
    {
        var random = new Random(seed);
        var palette = new byte[colours * 3];
        random.NextBytes(palette);
        return new(width, height, [.. Enumerable.Range(0, width * height).SelectMany(_ => palette.AsSpan(random.Next(colours) * 3, 3).ToArray())]);
    }

    // What a terminal does; every pixel must be drawn once and only once.
    private static RgbImage Decode(string sequences, out int colours)
    {
        var head = Head().Match(sequences);
        Assert.True(head.Success);
        var (width, height) = (Number(head, "width"), Number(head, "height"));
        var (pixels, drawn) = (new byte[width * height * 3], new bool[width * height]);
        var palette = new Dictionary<int, byte[]>();
        var (x, top, colour) = (0, 0, -1);
        foreach (Match token in Token().Matches(head.Groups["data"].Value))
        {
            if (token.Groups["red"].Success)
                palette.Add(Number(token, "colour"), [.. new[] { "red", "green", "blue" }.Select(name => (byte)Math.Round(Number(token, name) * 2.55))]);
            else if (token.Groups["colour"].Success) colour = Number(token, "colour");
            else if (token.Value == "$") x = 0;
            else if (token.Value == "-") (x, top) = (0, top + 6);
            else Draw(token.Groups["sixel"].Value[0] - '?', token.Groups["count"].Success ? Number(token, "count") : 1);
        }

        Assert.DoesNotContain(false, drawn);
        colours = palette.Count;
        return new(width, height, pixels);

        void Draw(int sixel, int count)
        {
            for (; count > 0; count--, x++)
            {
                for (var row = 0; row < 6; row++)
                {
                    if ((sixel >> row & 1) == 0) continue;
                    var place = (top + row) * width + x;
                    Assert.False(drawn[place]);
                    drawn[place] = true;
                    palette[colour].CopyTo(pixels, place * 3);
                }
            }
        }
    }

    private static int Number(Match match, string name) => int.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^\eP0;1;0q\"1;1;(?<width>[0-9]+);(?<height>[0-9]+)(?<data>[^\e]*)\e\\\\$")]
    private static partial Regex Head();

    [GeneratedRegex("#(?<colour>[0-9]+)(;2;(?<red>[0-9]+);(?<green>[0-9]+);(?<blue>[0-9]+))?|!(?<count>[0-9]+)(?<sixel>[?-~])|(?<sixel>[?-~])|[$-]|(?<other>.)")]
    private static partial Regex Token();
}
