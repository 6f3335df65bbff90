using Imagic.Contracts.Settings;

namespace Imagic.Studio.Tests;

/// <summary>Strengths that nobody has to choose.</summary>
public class FoundStrengthsTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task FoundForYou_SuggestsAPictureOfEachVersion()
    {
        var page = (await OpenAsync()).Page;
        await page.FillAsync("a heart of moss");
        var strengths = page.GetByRole(AriaRole.Group, new() { Name = "Strengths" });
        await strengths.Button("found for you").ClickAsync();
        await Assertions.Expect(strengths.Locator("[aria-pressed=true]")).ToHaveTextAsync(["found for you"]);
        await page.Start().ClickAsync();
        var id = await page.StartedAsync();

        await page.ToChooseAsync();

        var (view, results) = ((await Studio.Client.GetAsync(id, Cancellation)).View, await Studio.Client.GetResultsAsync(id, Cancellation));
        Assert.Equal(new StrengthSearch(), view.Settings.Sample.Search);
        Assert.InRange(results.Suggested.Length, 1, 2);
        await Assertions.Expect(page.GetByText("suggested", new() { Exact = false }).First).ToBeVisibleAsync();
        await page.Button($"All {results.Files.Count(file => file.Name.StartsWith("pictures/", StringComparison.Ordinal))} pictures").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader).Nth(1)).ToHaveTextAsync("photo");
    }
}
