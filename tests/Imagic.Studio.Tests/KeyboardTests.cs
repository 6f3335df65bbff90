using System.Text.RegularExpressions;

namespace Imagic.Studio.Tests;

/// <summary>The whole way without a pointer.</summary>
public class KeyboardTests(StudioFixture studio) : StudioTest(studio)
{
    // Of a screen: more often than that nobody presses Tab.
    private const int MostStops = 40;

    [Fact]
    public async Task KeyboardAlone_GoesTheWholeWay()
    {
        var page = (await OpenAsync()).Page;
        await TabToAsync(page, page.ChooseAPhoto());
        await page.ChooseAsync(StudioEdits.Picture, () => page.Keyboard.PressAsync("Enter"));
        // Where one goes on.
        await Assertions.Expect(page.Sentence()).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("a heart of leaves");
        await TabToAsync(page, page.Locator("summary", new() { HasText = "More options" }));
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.Button("Fewer versions"));
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, page.GetByLabel("Recipe"));
        await page.Keyboard.TypeAsync("emoji");
        await Assertions.Expect(page.GetByLabel("Recipe")).ToHaveValueAsync("emoji-64");
        await TabToAsync(page, page.Start());
        await page.Keyboard.PressAsync("Enter");

        await page.StartedAsync();
        await TabToAsync(page, page.Button("Cancel"));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Button("Keep it")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await page.ToChooseAsync();
        await CompareAsync(page);
        var file = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("d"));
        Assert.StartsWith("a-heart-of-leaves-version-", file.SuggestedFilename, StringComparison.Ordinal);
        await page.Keyboard.PressAsync("g");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Gallery" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("n");
        await Assertions.Expect(page.ChooseAPhoto()).ToBeVisibleAsync();
    }

    private static async Task CompareAsync(IPage page)
    {
        await TabToAsync(page, page.Wipe());
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.Wipe()).ToHaveAttributeAsync("aria-valuenow", "52");
        await page.Keyboard.PressAsync("Home");
        await Assertions.Expect(page.Wipe()).ToHaveAttributeAsync("aria-valuenow", "0");

        // By the slider itself.
        await TabToAsync(page, page.Strength());
        var before = int.Parse(await page.Strength().InputValueAsync(), null);
        await page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(page.Strength()).ToHaveValueAsync($"{before - 1}");
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Version 1" }));
        await page.Keyboard.PressAsync("ArrowUp");
        await Assertions.Expect(page.Strength()).ToHaveValueAsync($"{before}");
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.Button("Version 2")).ToHaveAttributeAsync("aria-pressed", "true");
        await Assertions.Expect(page.GetByAltText(new Regex("^Version 2"))).ToBeVisibleAsync();
        foreach (var mode in (string[])["Fade", "Difference", "Side by side", "Wipe"])
        {
            await page.Keyboard.PressAsync("m");
            await Assertions.Expect(page.Button(mode)).ToHaveAttributeAsync("aria-pressed", "true");
        }

        // The line of the wipe is where it was.
        await Assertions.Expect(page.Wipe()).ToHaveAttributeAsync("aria-valuenow", "0");
        await page.Keyboard.PressAsync("a");
        var cell = page.GetByRole(AriaRole.Grid).Locator("button:focus");
        await Assertions.Expect(cell).ToHaveAttributeAsync("aria-label", new Regex("^Version 2"));
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Button("Version 2")).ToHaveAttributeAsync("aria-pressed", "false");
        await page.Keyboard.PressAsync("?");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Keys" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
    }

    private static async Task TabToAsync(IPage page, ILocator target)
    {
        await target.WaitForAsync();
        for (var stop = 0; stop < MostStops; stop++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"{target} is not reached by the Tab key.");
    }
}
