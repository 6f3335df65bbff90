namespace Imagic.Studio.Tests;

/// <summary>The whole way on the narrowest of phones, by touch.</summary>
public class PhoneTests(StudioFixture studio) : StudioTest(studio)
{
    private const int Width = 360;

    [Fact]
    public async Task Touch_GoesTheWholeWay_AndNothingIsWiderThanThePhone()
    {
        var page = (await OpenAsync(Device.Phone)).Page;
        await page.SetViewportSizeAsync(Width, 740);
        await AssertFitsAsync(page);
        await page.ChooseAsync(StudioEdits.Picture, () => page.ChooseAPhoto().TapAsync());
        await page.Sentence().TapAsync();
        await page.Sentence().FillAsync("a heart of wood");
        await page.ChooseFewAsync();
        await AssertFitsAsync(page);

        await page.Start().TapAsync();
        await page.StartedAsync();
        await Assertions.Expect(page.GetByAltText("The photo as the model paints it by now")).ToBeVisibleAsync();
        await AssertFitsAsync(page);

        await page.ToChooseAsync();
        await AssertFitsAsync(page);
        await DragByTouchAsync(page, page.Wipe(), 90);
        Assert.InRange(int.Parse((await page.Wipe().GetAttributeAsync("aria-valuenow"))!, null), 60, 100);
        await DragByTouchAsync(page, page.Pictures().GetByRole(AriaRole.Group).First, -150);
        Assert.InRange(int.Parse((await page.Wipe().GetAttributeAsync("aria-valuenow"))!, null), 0, 50);
        foreach (var mode in (string[])["Fade", "Difference", "Side by side", "Wipe"])
        {
            await page.Button(mode).TapAsync();
            await AssertFitsAsync(page);
        }

        await page.Button("Version 2").TapAsync();
        await Assertions.Expect(page.Button("Version 2")).ToHaveAttributeAsync("aria-pressed", "true");
        var file = await page.RunAndWaitForDownloadAsync(() => page.Button("Download").TapAsync());
        Assert.Contains("-version-2-", file.SuggestedFilename, StringComparison.Ordinal);
        await page.GetByText("Details", new() { Exact = true }).TapAsync();
        await page.GetByText("Do it by program").TapAsync();
        await page.Button("Copy as curl").TapAsync();
        await AssertFitsAsync(page);
        await page.Button("More pictures").TapAsync();
        await AssertFitsAsync(page);
        await page.GetByRole(AriaRole.Dialog).Button("Cancel").TapAsync();
        await page.Button($"All {StartScreen.Few} pictures").TapAsync();
        await page.GetByRole(AriaRole.Grid).WaitForAsync();
        await AssertFitsAsync(page);
        await page.GetByRole(AriaRole.Grid).GetByRole(AriaRole.Button).First.TapAsync();
        await page.ToChooseAsync();
    }

    [Theory]
    [InlineData("/gallery")]
    [InlineData("/batches")]
    [InlineData("/edits/nowhere")]
    public async Task OtherScreens_AreNotWiderThanThePhone(string screen)
    {
        await Studio.Edits.DoneAsync();
        var opened = await OpenAsync(Device.Phone, screen: screen);
        opened.Expect("404");
        await opened.Page.SetViewportSizeAsync(Width, 740);
        await Assertions.Expect(opened.Page.GetByText("Looking")).ToHaveCountAsync(0);
        await AssertFitsAsync(opened.Page);
        await opened.Page.Button("About and keys").TapAsync();
        await AssertFitsAsync(opened.Page);
    }

    private static async Task AssertFitsAsync(IPage page)
    {
        var wide = await page.EvaluateAsync<string[]>(
            """
            width => {
              if (document.documentElement.scrollWidth <= width && innerWidth <= width) return [];
              const all = [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > width + 0.5);
              return [`${document.documentElement.scrollWidth} px`, ...all.map(element => element.outerHTML.slice(0, 120))];
            }
            """,
            Width);
        Assert.Empty(wide);
    }

    private static async Task DragByTouchAsync(IPage page, ILocator target, int by)
    {
        await target.ScrollIntoViewIfNeededAsync();
        var box = (await target.BoundingBoxAsync())!;
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        var session = await page.Context.NewCDPSessionAsync(page);
        await SendAsync("touchStart", x);
        for (var part = 1; part <= 5; part++) await SendAsync("touchMove", x + (by * part / 5f));
        await SendAsync("touchEnd", null);
        await session.DetachAsync();

        Task SendAsync(string type, float? at) => session.SendAsync("Input.dispatchTouchEvent", new()
        {
            ["type"] = type,
            ["touchPoints"] = at is { } place ? new object[] { new { x = place, y } } : Array.Empty<object>(),
        });
    }
}
