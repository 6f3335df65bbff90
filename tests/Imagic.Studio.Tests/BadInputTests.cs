using Imagic.Imaging;

namespace Imagic.Studio.Tests;

/// <summary>What cannot be edited: a sentence says so where it is, and nothing is sent.</summary>
public class BadInputTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task PicturesThatAreNone_AreRefusedInPlace()
    {
        var opened = await OpenAsync();
        var page = opened.Page;
        var heart = await File.ReadAllBytesAsync(StudioEdits.Picture, Cancellation);
        var problem = page.Locator("#photo-problem");
        (string Name, byte[] Content, string Words)[] cases =
        [
            ("notes.txt", "not a picture"u8.ToArray(), "“notes.txt” is not a picture that can be read. Choose a JPEG, PNG, WebP or AVIF."),
            ("photo.heic", "neither"u8.ToArray(), "This browser cannot read “photo.heic”. Export it as JPEG, or open this page in Safari."),
            ("nothing.png", [], "The file is empty. Choose another picture."),
            ("cut.png", heart[..(heart.Length / 2)], "“cut.png” is cut off: its end is missing. Copy it again, or choose another picture."),
            ("cut.jpg", JpegOf(64, 64)[..^2], "“cut.jpg” is cut off: its end is missing. Copy it again, or choose another picture."),
            ("broken.png", [.. heart[..100], .. new byte[200], .. heart[300..]], "“broken.png” is damaged: it cannot be shown. Choose another picture."),
            ("dot.png", PngOf(8, 8), "The picture is 8 × 8 pixels, which is too small to edit. Choose a larger one."),
            ("long.png", PngOf(16_400, 16), "The picture is 16400 × 16 pixels, which is too large: 52 megapixels are the most. Scale it down first."),
            ("narrow.png", PngOf(1700, 100), "The picture is 1700 × 100 pixels, which is too narrow. Crop it first."),
        ];
        foreach (var (name, content, words) in cases)
        {
            await page.DropAsync(name, content);
            await Assertions.Expect(problem).ToHaveTextAsync(words);
            await Assertions.Expect(page.ChooseAPhoto()).ToBeVisibleAsync();
        }

        await page.DropAsync("whole.jpg", JpegOf(64, 64));
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(problem).ToBeEmptyAsync();
        await page.Button("Remove").ClickAsync();
        await page.DropAsync("red-heart.png", heart);
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(problem).ToBeEmptyAsync();
        // What is there stays when the next file is none.
        await page.DropAsync("notes.txt", "not a picture"u8.ToArray());
        await Assertions.Expect(problem).ToContainTextAsync("is not a picture");
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        AssertNothingIsSent(opened);
    }

    [Fact]
    public async Task SentencesThatSayNothing_AreRefusedInPlace()
    {
        var opened = await OpenAsync();
        var page = opened.Page;
        await page.FillAsync("");
        foreach (var text in (string[])["", "  ", "\u200b\u2800"])
        {
            await page.Sentence().FillAsync(text);
            await page.Start().ClickAsync();
            await Assertions.Expect(page.Locator("#sentence-problem")).ToHaveTextAsync("Say in a few words what the photo should show.");
            await Assertions.Expect(page.Sentence()).ToBeFocusedAsync();
            await Assertions.Expect(page.Sentence()).ToHaveAttributeAsync("aria-invalid", "true");
        }

        var most = (await Studio.Client.GetModelsAsync(Cancellation)).Limits.TextLength;
        await page.Sentence().FillAsync(new string('a', most + 1));
        await page.Sentence().PressAsync("Enter");
        await Assertions.Expect(page.Locator("#sentence-problem")).ToHaveTextAsync($"This has {most + 1} characters, and {most} are the most.");

        await page.Sentence().FillAsync("a heart of ice");
        await Assertions.Expect(page.Locator("#sentence-problem")).ToBeEmptyAsync();
        var strengths = page.GetByRole(AriaRole.Group, new() { Name = "Strengths" });
        while (await strengths.Locator("[aria-pressed=true]").CountAsync() > 0) await strengths.Locator("[aria-pressed=true]").First.ClickAsync();
        await page.Start().ClickAsync();
        await Assertions.Expect(page.GetByText("Choose at least one strength.")).ToBeVisibleAsync();
        AssertNothingIsSent(opened);
    }

    private static void AssertNothingIsSent(StudioPage page) => Assert.DoesNotContain(page.Requests, request => request.Method is "PUT" or "POST");

    private static byte[] PngOf(int width, int height) => FileOf(width, height, ImageFormat.Png);

    private static byte[] JpegOf(int width, int height) => FileOf(width, height, ImageFormat.Jpeg);

    private static byte[] FileOf(int width, int height, ImageFormat format) => ImageCodec.Encode(new(width, height, new byte[width * height * 3]), format);
}
