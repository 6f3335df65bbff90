using System.Collections.Concurrent;

namespace Imagic.Studio.Tests;

/// <summary>A service that wants a key. The local one wants none, so here stands one before it that does.</summary>
public class FunctionKeyTests(StudioFixture studio) : StudioTest(studio)
{
    private const string Key = "right+key/==";

    [Fact]
    public async Task Key_IsAskedForOnce_AndSentWithEveryCall()
    {
        var done = await Studio.Edits.DoneAsync();
        var opened = await OpenAsync();
        var page = opened.Page;
        opened.Expect("401");
        var refused = new ConcurrentQueue<(string Path, string? Key)>();
        await page.Context.RouteAsync("**/api/**", async route =>
        {
            var key = route.Request.Headers.GetValueOrDefault("x-functions-key");
            if (key == Key)
            {
                await route.ContinueAsync();
                return;
            }

            refused.Enqueue((new Uri(route.Request.Url).AbsolutePath, key));
            await route.FulfillAsync(new() { Status = 401 });
        });
        // Two calls at once: the models, and how an edit of the header fares.
        await page.EvaluateAsync("id => localStorage.setItem('imagic-running', JSON.stringify([{ id, text: 'a heart of glass' }]))", done.EditId.Value);
        await page.RunAndWaitForResponseAsync(() => page.ReloadAsync(), answer => answer.Url.EndsWith($"/edits/{done.EditId}", StringComparison.Ordinal));
        string[] both = [$"/api/edits/{done.EditId}", "/api/models"];
        Assert.Equal(both, RefusedWith(null));

        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "This service wants a key" });
        await Assertions.Expect(dialog).ToHaveCountAsync(1);
        await Assertions.Expect(dialog.GetByLabel("Key")).ToBeFocusedAsync();
        await opened.AssertAccessibleAsync();
        await dialog.GetByLabel("Key").FillAsync("wrong");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(dialog.GetByText("The service did not take this key. Check it and try again.")).ToBeVisibleAsync();
        await dialog.GetByLabel("Key").FillAsync(Key);
        await page.Button("Go on").ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);

        var strip = page.GetByRole(AriaRole.Navigation, new() { Name = "Edits under way" });
        await Assertions.Expect(strip).ToContainTextAsync("done");
        Assert.Equal(both, RefusedWith("wrong"));
        var before = refused.Count;
        await strip.GetByRole(AriaRole.Link).ClickAsync();
        await page.ToChooseAsync();
        await page.ReloadAsync();
        await page.ToChooseAsync();
        Assert.Equal(before, refused.Count);
        await OnlyThisTabHasItAsync(opened);

        IEnumerable<string> RefusedWith(string? key) => refused.Where(call => call.Key == key).Select(call => call.Path).Distinct().Order(StringComparer.Ordinal);
    }

    private async Task OnlyThisTabHasItAsync(StudioPage opened)
    {
        var page = opened.Page;
        Assert.Equal(Key, await page.EvaluateAsync<string>("JSON.parse(sessionStorage.getItem('imagic-key'))"));
        Assert.DoesNotContain(Key, await page.EvaluateAsync<string>("JSON.stringify([Object.entries(localStorage), document.cookie, location.href])"), StringComparison.Ordinal);
        foreach (var request in opened.Requests.Where(request => request.Url.StartsWith(Studio.Storage, StringComparison.Ordinal)))
            Assert.DoesNotContain("x-functions-key", (await request.AllHeadersAsync()).Keys);
        Assert.DoesNotContain(opened.Requests, request => Uri.UnescapeDataString(request.Url).Contains(Key, StringComparison.Ordinal));
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(Studio.Server);
        await Assertions.Expect(other.GetByRole(AriaRole.Dialog, new() { Name = "This service wants a key" })).ToBeVisibleAsync();
        await other.Button("Not now").ClickAsync();
        await Assertions.Expect(other.GetByText("The service wants a key.")).ToBeVisibleAsync();
    }
}
