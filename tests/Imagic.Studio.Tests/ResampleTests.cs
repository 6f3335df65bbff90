using System.Text.RegularExpressions;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Studio.Tests;

/// <summary>More pictures of what was learnt already.</summary>
public class ResampleTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task MoreStrengths_AreMadeOfWhatWasLearnt()
    {
        var from = await Studio.Edits.DoneAsync();
        var page = (await OpenAsync(screen: $"/edits/{from.EditId}")).Page;
        await page.ToChooseAsync();

        await page.Button("More pictures").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.Button("Strengths").ClickAsync();
        await dialog.GetByLabel("Strengths").FillAsync("much");
        await Assertions.Expect(dialog.GetByText("Write strengths as numbers")).ToBeVisibleAsync();
        await Assertions.Expect(dialog.Button("Start")).ToBeDisabledAsync();
        await dialog.GetByLabel("Strengths").FillAsync("0.5, 0.7");
        await Assertions.Expect(dialog.GetByText("6 pictures")).ToBeVisibleAsync();
        await Assertions.Expect(dialog).ToContainTextAsync("nothing is learnt anew");
        await dialog.Button("Start").ClickAsync();

        var view = await OnlySampledAsync(page, from);
        Assert.Equal([0.5, 0.7], view.Settings.Sample.Etas.Where(eta => eta != 0));
        await Assertions.Expect(page.GetByText("6 pictures, from what another edit has learnt")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "another edit" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync($"{Studio.Server}/#/edits/{from.EditId}");

        // Both ways, and beside each other.
        var family = page.GetByRole(AriaRole.Navigation, new() { Name = "Made of the same photo, learnt once" });
        await Assertions.Expect(family.Locator("[aria-current=page]")).ToContainTextAsync("First pictures");
        await family.Locator($"a[href$='{view.EditId}']").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync($"{Studio.Server}/#/edits/{view.EditId}");
        await Assertions.Expect(family.Locator("[aria-current=page]")).ToContainTextAsync("More pictures");

        await page.GotoAsync($"{Studio.Server}/#/gallery");
        await Assertions.Expect(Card(view)).ToContainTextAsync("More pictures of the edit of ");
        await Card(from).HoverAsync();
        await Card(from).GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(new Regex(@"made from it and stays?, with .* “a heart of glass” \("));
        await page.Button("Keep it").ClickAsync();

        ILocator Card(EditView edit) => page.Locator($".tile:has(> a[href$='{edit.EditId}'])");
    }

    [Fact]
    public async Task AnotherSentence_IsMadeOfWhatWasLearnt()
    {
        var from = await Studio.Edits.DoneAsync();
        var page = (await OpenAsync(screen: $"/edits/{from.EditId}")).Page;
        await page.ToChooseAsync();

        await page.Button("Another sentence").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByText("Change the sentence first.")).ToBeVisibleAsync();
        await dialog.GetByLabel("What the picture should show").FillAsync("a heart of stone");
        await dialog.Button("Start").ClickAsync();

        var view = await OnlySampledAsync(page, from);
        Assert.Equal("a heart of stone", view.Settings.TargetText);
        Assert.Equal(from.Settings.TargetText, view.Settings.Tuned?.TargetText);
    }

    private async Task<EditView> OnlySampledAsync(IPage page, EditView from)
    {
        await Assertions.Expect(page).Not.ToHaveURLAsync($"{Studio.Server}/#/edits/{from.EditId}");
        var id = await page.StartedAsync();
        await page.ToChooseAsync();
        var view = (await Studio.Client.GetAsync(id, Cancellation)).View;
        Assert.Equal(from.EditId, view.From);
        Assert.Equal([EditStage.Sample], view.Stages.Where(stage => stage.Seconds > 0).Select(stage => stage.Stage));
        return view;
    }
}
