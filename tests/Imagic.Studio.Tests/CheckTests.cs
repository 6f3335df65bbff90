using Imagic.Contracts;
using Imagic.Imaging;

namespace Imagic.Studio.Tests;

/// <summary>Whether a picture was edited here.</summary>
public class CheckTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task Results_SayWhereTheyAreFrom_AndOthersSayNothing()
    {
        var edit = await Studio.Edits.DoneAsync();
        var opened = await OpenAsync(screen: $"/edits/{edit.EditId}");
        var page = opened.Page;
        await page.ToChooseAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Edited by AI" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Was this picture made with AI?" })).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();

        using var stream = await Studio.Client.OpenResultAsync(edit.EditId, "edited.png", Cancellation);
        using var picture = new MemoryStream();
        await stream.CopyToAsync(picture, Cancellation);
        await page.DropAsync("edited.png", picture.ToArray());
        var answer = page.GetByRole(AriaRole.Region, new() { Name = "What was found" });
        await Assertions.Expect(answer).ToContainTextAsync("Made or edited with AI");
        await Assertions.Expect(answer).ToContainTextAsync("The settings of an edit");
        await opened.AssertAccessibleAsync();

        // Other pixels in another format: nothing of the file is left.
        await page.DropAsync("grey.jpg", ImageCodec.Encode(RgbImage.Filled(200, 200, 99, 99, 99), ImageFormat.Jpeg));
        await Assertions.Expect(answer).ToContainTextAsync("Nothing was found. That is no proof of anything");
        opened.Expect("415");
        await page.DropAsync("notes.txt", "not a picture"u8.ToArray());
        await Assertions.Expect(page.GetByText("“notes.txt” could not be checked.")).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
    }
}
