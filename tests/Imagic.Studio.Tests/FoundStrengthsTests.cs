using Imagic.Contracts.Settings;

namespace Imagic.Studio.Tests;

/// <summary>Strengths that nobody has to choose.</summary>
public class FoundStrengthsTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task FoundForYou_SuggestsAPictureOfEachVersion()
    {
        var page = (await OpenAsync()).Page;
        await page.DropAsync("red-heart.png", await File.ReadAllBytesAsync(StudioEdits.Picture, Cancellation));
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await page.Sentence().FillAsync("a heart of moss");
        await page.GetByText("More options").First.ClickAsync();
        await page.GetByLabel("Recipe").SelectOptionAsync("emoji-64");
        var strengths = page.GetByRole(AriaRole.Group, new() { Name = "Strengths" });
        await Assertions.Expect(strengths.Locator("[aria-pressed=true]")).ToHaveTextAsync(["found for you"]);
        await Assertions.Expect(page.GetByText("Makes up to 16 pictures")).ToBeVisibleAsync();
        await page.Start().ClickAsync();
        var id = await page.StartedAsync();

        await page.ToChooseAsync();

        var (view, results) = ((await Studio.Client.GetAsync(id, Cancellation)).View, await Studio.Client.GetResultsAsync(id, Cancellation));
        Assert.Equal(new StrengthSearch(), view.Settings.Sample.Search);
        Assert.InRange(results.Suggested.Length, 1, 3);
        await Assertions.Expect(page.GetByText("suggested", new() { Exact = false }).First).ToBeVisibleAsync();
        await page.Button($"All {results.Files.Count(file => file.Name.StartsWith("pictures/", StringComparison.Ordinal))} pictures").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader).Nth(1)).ToHaveTextAsync("photo");
    }
}
