using System.Text.RegularExpressions;
using Imagic.Contracts.Edits;

namespace Imagic.Studio.Tests;

/// <summary>Edits that nobody wants any more.</summary>
public class CancelAndDeleteTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task Cancelled_WhileItRuns_AndBegunAgain()
    {
        var page = (await OpenAsync()).Page;
        await page.FillAsync("a heart of smoke");
        await page.GetByLabel("Recipe").SelectOptionAsync("paper-sd");
        await page.Start().ClickAsync();
        var id = await page.StartedAsync();
        await Assertions.Expect(page.Locator("[aria-current=step]")).ToContainTextAsync("step");

        await page.Button("Cancel").ClickAsync();
        await page.Button("Keep it").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.Button("Cancel").ClickAsync();
        await page.Button("Cancel the edit").ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This edit was cancelled" })).ToBeVisibleAsync();
        Assert.Equal(EditState.Cancelled, (await Studio.Client.GetAsync(id, Cancellation)).View.State);
        await page.Button("Edit the photo again").ClickAsync();
        await Assertions.Expect(page.Sentence()).ToHaveValueAsync("a heart of smoke");
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Recipe")).ToHaveValueAsync("paper-sd");
    }

    [Theory]
    [InlineData("a heart of dust", 3, "done")]
    [InlineData("a heart of sand", StudioEdits.Endless, "working")]
    public async Task Deleted_NothingIsLeft(string text, int steps, string state)
    {
        var edit = await Studio.Edits.StartAsync(text, steps);
        if (steps == StudioEdits.Endless) await Studio.Edits.UntilAsync(edit.EditId, view => view.Progress?.Step > 0);
        else await Studio.Client.WaitAsync(edit.EditId, Cancellation);
        Assert.NotEmpty(await Studio.Edits.BlobsOfAsync(edit.EditId));
        var opened = await OpenAsync(screen: "/gallery");
        var page = opened.Page;
        // What is gone is asked for until it is.
        opened.Expect("404");
        var card = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = text });
        await page.GetByLabel("Search").FillAsync(text);
        await Assertions.Expect(page.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        if (state == "working") await Assertions.Expect(card).ToContainTextAsync(new Regex("working, [0-9]+ of"));

        await card.Button($"Delete “{text}”").ClickAsync();
        await page.Button("Keep it").ClickAsync();
        await Assertions.Expect(card).ToBeVisibleAsync();
        await card.Button($"Delete “{text}”").ClickAsync();
        await page.Button("Delete").ClickAsync();

        await Assertions.Expect(card).ToHaveCountAsync(0);
        Assert.Empty(await Studio.Edits.BlobsOfAsync(edit.EditId));
        await page.ReloadAsync();
        await page.GetByLabel("Search").FillAsync(text);
        await Assertions.Expect(page.GetByText("No edit is like that.")).ToBeVisibleAsync();
        await page.GotoAsync($"{Studio.Server}/#/edits/{edit.EditId}");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This edit is gone" })).ToBeVisibleAsync();
    }
}
