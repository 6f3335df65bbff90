using Imagic.Contracts.Edits;
using Imagic.Imaging;
using Imagic.Marks.Watermark;
using Imagic.TestKit.Watermark;

namespace Imagic.Marks.Tests.Watermark;

/// <summary>What the mark survives, what it costs, and that nothing else looks like one.</summary>
public class WatermarkTests
{
    private static readonly EditId Id = EditId.Parse("an-edit-of-a-test");

    public static TheoryData<string> Attacks => [.. Attack.All.Keys];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Payload_SurvivesAt512(string attack)
    {
        foreach (var picture in TestPictures.Photographs(512, count: 3))
        {
            var reading = WatermarkReader.Read(Attack.All[attack](new WatermarkWriter(Id).Mark(picture)));

            Assert.Equal(Payload.Of(Id), reading?.Payload);
            Assert.InRange(reading!.Chance, 0, 1e-6);
        }
    }

    [Theory]
    [InlineData(256, 256)]
    [InlineData(257, 389)]
    [InlineData(768, 251)]
    [InlineData(333, 1001)]
    public void AnyPayload_ComesBack_AtAnySize(int width, int height)
    {
        foreach (var payload in (Payload[])[new(Payload.Imagic, 0), new(Payload.Imagic, 0xFFFFFF), new(Payload.Imagic, 0x5A17C3)])
        {
            var picture = TestPictures.Photograph(width, height, seed: width);

            Assert.Equal(payload, WatermarkReader.Read(new WatermarkWriter(payload).Mark(picture))?.Payload);
        }
    }

    [Fact]
    public void Presence_IsToldAt64_AndNothingElse()
    {
        var found = TestPictures.Drawings(64, count: 20).Select(picture => WatermarkReader.Read(new WatermarkWriter(Id).Mark(picture))).ToList();

        Assert.All(found, reading => Assert.Null(reading?.Payload));
        Assert.InRange(found.Count(reading => reading is not null), 19, 20);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(31, 2000)]
    [InlineData(32, 32)]
    [InlineData(33, 4000)]
    [InlineData(64, 65)]
    [InlineData(127, 129)]
    [InlineData(2500, 2300)]
    public void Mark_OfAnySize_KeepsWithin40Decibels_AndLeavesThePictureAlone(int width, int height)
    {
        foreach (var picture in (RgbImage[])[TestPictures.Noise(width, height), TestPictures.Photograph(width, height, 3), RgbImage.Filled(width, height, 255, 255, 255), RgbImage.Filled(width, height, 0, 0, 0)])
        {
            var before = picture.Pixels.ToArray();
            var marked = new WatermarkWriter(Id).Mark(picture);

            Assert.Equal(before, picture.Pixels);
            Assert.Equal((width, height), (marked.Width, marked.Height));
            Assert.InRange(Decibels(picture, marked), 40, double.PositiveInfinity);
            WatermarkReader.Read(marked);
        }
    }

    [Fact]
    public void Mark_IsAFunctionOfPixelsAndPayload()
    {
        var picture = TestPictures.Photograph(200, 300, 1);

        Assert.Equal(new WatermarkWriter(Id).Mark(picture), new WatermarkWriter(Payload.Of(Id)).Mark(picture));
        Assert.NotEqual(new WatermarkWriter(Id).Mark(picture), new WatermarkWriter(EditId.Parse("another-edit")).Mark(picture));
    }

    // Recorded: whoever changes it makes the pictures of all earlier edits unreadable, or a run's bytes others.
    [Fact]
    public void Mark_IsTheSameOnEveryMachineAndInEveryVersion() =>
        Assert.Equal(
            Recorded, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(new WatermarkWriter(Id).Mark(TestPictures.Noise(300, 200)).Pixels))[..32]);

    [Fact]
    public void UnmarkedPictures_HaveNone()
    {
        foreach (var picture in (IEnumerable<RgbImage>)[.. TestPictures.Photographs(512, 10), .. TestPictures.Photographs(100, 100), .. TestPictures.Drawings(64, 100), TestPictures.Noise(512, 512), RgbImage.Filled(512, 512, 3, 2, 1)])
            Assert.Null(WatermarkReader.Read(picture));
    }

    [Fact]
    public void AnotherServicesPayload_IsNotTakenForOurs() =>
        Assert.Null(WatermarkReader.Read(new WatermarkWriter(new Payload(7, 77)).Mark(TestPictures.Photograph(512, 512, 5)))?.Payload);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Code_CorrectsWhatIsWrong(int wrong)
    {
        var random = new Random(1);
        for (var i = 0; i < 50; i++)
        {
            var payload = new Payload(Payload.Imagic, random.Next(1 << Payload.EditBits));
            var soft = Array.ConvertAll(PayloadCode.Encode(payload), bit => (double)bit);
            foreach (var at in Enumerable.Range(0, wrong).Select(_ => random.Next(soft.Length))) soft[at] = -soft[at];

            Assert.Equal(payload, PayloadCode.Decode(soft));
        }
    }

    [Fact]
    public void Code_OfNoise_FailsItsCheck()
    {
        var random = new Random(2);

        Assert.InRange(Enumerable.Range(0, 2000).Count(_ => PayloadCode.Decode([.. Enumerable.Range(0, PayloadCode.Length).Select(_ => random.NextDouble() - 0.5)]) is not null), 0, 2);
    }

    private const string Recorded = "2102118db5a5180600564aaa53ae9baf";

    private static double Decibels(RgbImage expected, RgbImage actual)
    {
        var sum = expected.Pixels.Zip(actual.Pixels, (a, b) => (double)(a - b) * (a - b)).Sum();
        return 10 * Math.Log10(255.0 * 255 * expected.Pixels.Length / sum);
    }
}
