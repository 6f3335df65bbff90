namespace Imagic.Studio.Tests;

/// <summary>That no screen shuts anybody out.</summary>
public class AccessibilityTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task StartScreens_AreForEverybody()
    {
        var opened = await OpenAsync();
        var page = opened.Page;
        await page.DropAsync("notes.txt", "not a picture"u8.ToArray());
        await Assertions.Expect(page.GetByText("is not a picture")).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
        await page.FillAsync("");
        await page.Start().ClickAsync();
        await Assertions.Expect(page.GetByText("Say in a few words")).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
        await page.Button("About and keys").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "About Imagic Studio" })).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
    }

    [Fact]
    public async Task WatchScreens_AreForEverybody()
    {
        var edit = await Studio.Edits.StartAsync("a heart of silk", StudioEdits.Endless);
        var opened = await OpenAsync(screen: $"/edits/{edit.EditId}");
        var page = opened.Page;
        await Assertions.Expect(page.GetByAltText("The photo as the model paints it by now")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Difference to your photo")).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
        await page.Button("Cancel").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
        await page.Button("Cancel the edit").ClickAsync();
        await Assertions.Expect(page.GetByText("This edit was cancelled")).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();

        var failed = await Studio.Edits.StartAsync("a heart of nothing", isCut: true);
        await page.GotoAsync($"{Studio.Server}/#/edits/{failed.EditId}");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Send the original file again.");
        await opened.AssertAccessibleAsync();
    }

    [Fact]
    public async Task ChooseScreens_AreForEverybody()
    {
        var edit = await Studio.Edits.DoneAsync();
        var opened = await OpenAsync(screen: $"/edits/{edit.EditId}");
        var page = opened.Page;
        await page.ToChooseAsync();
        foreach (var summary in await page.Locator("summary").AllAsync()) await summary.ClickAsync();
        await page.Button("Copy as C#").ClickAsync();
        foreach (var mode in (string[])["Wipe", "Fade", "Difference", "Side by side"])
        {
            await page.Button(mode).ClickAsync();
            await opened.AssertAccessibleAsync();
        }

        foreach (var (button, dialog) in ((string, string)[])[("About and keys", "About Imagic Studio, and its keys"), ("More pictures", "More versions or strengths"), ("Another sentence", "Another sentence")])
        {
            await page.Button(button).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = dialog })).ToBeVisibleAsync();
            await opened.AssertAccessibleAsync();
            await page.Keyboard.PressAsync("Escape");
        }

        await page.Button($"All {2 * 3} pictures").ClickAsync();
        await Assertions.Expect(page.Locator(".cell .shown")).ToHaveCountAsync(2 * 3);
        await opened.AssertAccessibleAsync();
    }

    [Fact]
    public async Task GalleryScreens_AreForEverybody()
    {
        await Studio.Edits.DoneAsync();
        const string batch = "hearts.jsonl";
        await Studio.Edits.FinishBatchAsync(batch);
        var opened = await OpenAsync(screen: "/gallery");
        var page = opened.Page;
        await Assertions.Expect(page.Locator(".tile img").First).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).First.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
        await page.Button("Keep it").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Batches" }).ClickAsync();
        await Assertions.Expect(page.GetByText(", 1 refused").First).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = batch }).ClickAsync();
        await Assertions.Expect(page.GetByText("One line was refused")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByAltText($"All pictures of {batch}")).ToBeVisibleAsync();
        await opened.AssertAccessibleAsync();
    }
}
