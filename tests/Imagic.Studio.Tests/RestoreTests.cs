using System.Text.RegularExpressions;

namespace Imagic.Studio.Tests;

/// <summary>A picture that was taken away knows how it was made.</summary>
public class RestoreTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task ResultDroppedBack_RestoresSentenceAndSettings()
    {
        var edit = await Studio.Edits.DoneAsync();
        var page = (await OpenAsync(screen: $"/edits/{edit.EditId}")).Page;
        await page.ToChooseAsync();
        var file = await page.RunAndWaitForDownloadAsync(() => page.Button("Download").ClickAsync());
        var picture = await File.ReadAllBytesAsync(await file.PathAsync(), Cancellation);

        // On any screen, and by somebody who has never been here.
        page = (await OpenAsync(screen: "/gallery")).Page;
        await page.DropAsync(file.SuggestedFilename, picture);

        await Assertions.Expect(page.GetByText("Settings restored.")).ToBeVisibleAsync();
        await Assertions.Expect(page.Sentence()).ToHaveValueAsync(edit.Settings.TargetText);
        await Assertions.Expect(page.ChooseAPhoto()).ToBeVisibleAsync();
        await page.Locator("summary", new() { HasText = "More options" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Makes 6 pictures")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Strengths" }).Locator("[aria-pressed=true]")).ToHaveTextAsync(["0.4", "0.8"]);

        // The photo is another matter.
        await page.ChooseAsync(StudioEdits.Picture, () => page.ChooseAPhoto().ClickAsync());
        await Assertions.Expect(page.Sentence()).ToHaveValueAsync(edit.Settings.TargetText);
        await page.Start().ClickAsync();
        var again = await Studio.Client.WaitAsync(await page.StartedAsync(), Cancellation);
        Assert.Equal(edit.Settings, again.Settings with { Sample = edit.Settings.Sample });
        Assert.Equal(edit.Settings.Sample.Etas, again.Settings.Sample.Etas);
        Assert.Equal(edit.Settings.Sample.Seeds, again.Settings.Sample.Seeds);
        Assert.Equal(edit.Settings.Sample.Steps, again.Settings.Sample.Steps);
    }

    [Fact]
    public async Task ResultDroppedBack_CanBeThePhotoInstead()
    {
        var edit = await Studio.Edits.DoneAsync();
        var page = (await OpenAsync(screen: $"/edits/{edit.EditId}")).Page;
        await page.ToChooseAsync();
        var file = await page.RunAndWaitForDownloadAsync(() => page.Button("Download").ClickAsync());
        await page.DropAsync("result.png", await File.ReadAllBytesAsync(await file.PathAsync(), Cancellation));

        await page.Button("Edit that picture instead").ClickAsync();

        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText(new Regex("^[0-9]+ × [0-9]+ pixels"))).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Settings restored.")).ToHaveCountAsync(0);
        await page.GotoAsync($"{Studio.Server}/#/edits/{edit.EditId}");
        await page.Button("Use as next source").ClickAsync();
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("#/$"));
    }
}
