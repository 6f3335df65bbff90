namespace Imagic.Studio.Tests;

/// <summary>Edits that are under way while another screen is shown.</summary>
public class StripTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task TwoEditsAtOnce_AreBothInTheHeader()
    {
        var opened = await OpenAsync();
        var page = opened.Page;
        // Of what is gone.
        opened.Expect("404");
        var strip = page.GetByRole(AriaRole.Navigation, new() { Name = "Edits under way" });
        await page.FillAsync("a heart of iron");
        await page.Start().ClickAsync();
        var first = await page.StartedAsync();
        await Assertions.Expect(strip).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "New edit" }).ClickAsync();
        await page.FillAsync("a heart of lead");
        await page.Start().ClickAsync();
        var second = await page.StartedAsync();

        await Assertions.Expect(strip.GetByRole(AriaRole.Link)).ToContainTextAsync(["a heart of iron"]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Gallery" }).ClickAsync();
        await Assertions.Expect(strip.GetByRole(AriaRole.Link)).ToContainTextAsync(["a heart of iron", "a heart of lead"]);
        await page.ReloadAsync();
        await Assertions.Expect(strip.GetByRole(AriaRole.Link)).ToContainTextAsync(["a heart of iron", "a heart of lead"]);
        await page.EvaluateAsync(
            """
            () => {
              window.told = [];
              const strip = document.querySelector('.strip');
              new MutationObserver(() => told.push(strip.querySelector('.strip-state').textContent)).observe(strip, { subtree: true, characterData: true, childList: true });
            }
            """);
        await Assertions.Expect(strip.GetByRole(AriaRole.Link).First).ToContainTextAsync("done");
        var told = await page.EvaluateAsync<string[]>("told");
        Assert.NotEmpty(told);
        await strip.GetByRole(AriaRole.Link).First.ClickAsync();
        await page.ToChooseAsync();
        Assert.EndsWith($"#/edits/{first}", page.Url, StringComparison.Ordinal);

        Assert.DoesNotContain("waiting", told.SkipWhile(words => !words.EndsWith('%')));

        // What was looked at is left out; what is gone, too.
        await Studio.Client.DeleteAsync(second, Cancellation);
        await Assertions.Expect(strip).ToHaveCountAsync(0);
    }
}
