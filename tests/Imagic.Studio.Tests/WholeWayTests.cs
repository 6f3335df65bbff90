using System.Text.RegularExpressions;

namespace Imagic.Studio.Tests;

/// <summary>From a photo that is dropped to pictures that are taken away.</summary>
public class WholeWayTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task Dropped_Watched_Compared_TakenAway()
    {
        var page = (await OpenAsync()).Page;
        await page.FillAsync("a heart of gold");
        await Assertions.Expect(page.GetByText($"Makes {StartScreen.Few} pictures")).ToBeVisibleAsync();

        await page.Start().ClickAsync();
        var id = await page.StartedAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "a heart of gold" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Listitem)).ToContainTextAsync(["Understand the picture", "Learn the picture", "Make the versions"]);
        await Assertions.Expect(page.Locator("[aria-current=step]")).ToContainTextAsync(new Regex(@"step \d+ of \d+"));
        await Assertions.Expect(page.GetByAltText("The photo as the model paints it by now")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText(new Regex("^A few seconds left|^About .* left"))).ToBeVisibleAsync();

        await page.ToChooseAsync();
        await CompareAsync(page);
        await TakeAsync(page);
        Assert.Equal("a heart of gold", (await Studio.Client.GetAsync(id, Cancellation)).View.Settings.TargetText);
    }

    private static async Task CompareAsync(IPage page)
    {
        var (wipe, edit) = (page.Wipe(), page.Locator(".viewer-stage .layer").Nth(1));
        var box = (await wipe.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + 120, box.Y + 40, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        Assert.InRange(int.Parse((await wipe.GetAttributeAsync("aria-valuenow"))!, null), 55, 100);

        await page.Button("Fade").ClickAsync();
        await Assertions.Expect(edit).ToHaveCSSAsync("opacity", "0.5");
        await page.GetByRole(AriaRole.Slider, new() { Name = "Mix of original and edit" }).FillAsync("80");
        await Assertions.Expect(edit).ToHaveCSSAsync("opacity", "0.8");
        await page.Button("Difference").ClickAsync();
        await Assertions.Expect(page.Locator(".difference .layer").Nth(1)).ToHaveCSSAsync("mix-blend-mode", "difference");
        await page.Button("Side by side").ClickAsync();
        await Assertions.Expect(page.GetByAltText("The original")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".viewer-stage .pane")).ToHaveCountAsync(2);

        // Another picture of the edit leaves the way to compare as it is.
        await page.Strength().FillAsync("0");
        await page.Button("Version 2").ClickAsync();
        await Assertions.Expect(page.GetByAltText(new Regex("^Version 2, strength 0.00"))).ToBeVisibleAsync();
        await Assertions.Expect(page.Button("Side by side")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Button("Hold for original").HoverAsync();
        await page.Mouse.DownAsync();
        await Assertions.Expect(page.GetByAltText(new Regex("^Version"))).ToHaveCountAsync(0);
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.GetByAltText(new Regex("^Version 2"))).ToBeVisibleAsync();
    }

    private static async Task TakeAsync(IPage page)
    {
        var one = await page.RunAndWaitForDownloadAsync(() => page.Button("Download").ClickAsync());
        Assert.Matches(@"^a-heart-of-gold-version-2-strength-0.00(-freedom-[0-9.]+)?\.png$", one.SuggestedFilename);
        Assert.Equal(ChooseScreen.PngSignature, (await File.ReadAllBytesAsync(await one.PathAsync(), Cancellation))[..8]);

        await page.Button("Star this picture").ClickAsync();
        await page.GetByText("Download all or the starred").ClickAsync();
        var starred = await page.RunAndWaitForDownloadAsync(() => page.Button("Starred (1) as zip").ClickAsync());
        Assert.Equal(one.SuggestedFilename, Assert.Single(await starred.NamesInZipAsync()));
        var all = await page.RunAndWaitForDownloadAsync(() => page.Button($"All {StartScreen.Few} as zip").ClickAsync());
        Assert.Equal("a-heart-of-gold.zip", all.SuggestedFilename);
        var names = await all.NamesInZipAsync();
        Assert.Equal(StartScreen.Few, names.Count(name => name.StartsWith("a-heart-of-gold-version-", StringComparison.Ordinal)));
        Assert.Equal(["edit.json", "grid.png", "report.html", "source.png"], names.Where(name => !name.StartsWith("a-heart", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}
