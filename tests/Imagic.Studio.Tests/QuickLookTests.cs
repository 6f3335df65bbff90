using Imagic.Contracts.Settings;

namespace Imagic.Studio.Tests;

/// <summary>Pictures in seconds, of a photo that nobody has learnt; then the same, learnt.</summary>
public class QuickLookTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task QuickLook_ShowsPicturesAndOffersToLearnThePhoto()
    {
        var page = (await OpenAsync()).Page;
        await page.FillAsync("a heart of ice");
        var way = page.GetByRole(AriaRole.Group, new() { Name = "Way" });
        await way.Button("quick look").ClickAsync();
        await Assertions.Expect(page.GetByText("Makes 12 pictures, your photo made anew among them")).ToBeVisibleAsync();
        await page.Start().ClickAsync();
        var id = await page.StartedAsync();

        await page.ToChooseAsync();

        var view = (await Studio.Client.GetAsync(id, Cancellation)).View;
        Assert.Equal((EditMethod.SdEdit, EditStage.Sample), (view.Settings.Sample.Method, Assert.Single(view.Stages).Stage));
        await Assertions.Expect(page.GetByText("12 pictures", new() { Exact = true })).ToBeVisibleAsync();
        // Nothing that the screen asked for has failed.
        await Assertions.Expect(page.GetByText("Trying again")).ToHaveCountAsync(0);

        await page.Button("Learn the photo").ClickAsync();
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(page.Sentence()).ToHaveValueAsync("a heart of ice");
        await page.GetByText("More options").First.ClickAsync();
        await Assertions.Expect(way.Button("learn the photo")).ToHaveAttributeAsync("aria-pressed", "true");
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Versions" }).GetByRole(AriaRole.Status)).ToHaveTextAsync("2");
    }
}
