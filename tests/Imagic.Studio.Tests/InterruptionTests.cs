using System.Text.RegularExpressions;

namespace Imagic.Studio.Tests;

/// <summary>Whatever breaks off, the page goes on.</summary>
public class InterruptionTests(StudioFixture studio) : StudioTest(studio)
{
    private const string Offline = "No connection. Nothing is lost; this goes on by itself.";

    /// <summary>The upload is lost once, and is under way again when the page is reloaded.</summary>
    [Fact]
    public async Task Upload_LostAndReloaded_GoesOnAndStartsOneEdit()
    {
        var opened = await OpenAsync();
        var page = opened.Page;
        opened.Expect("ERR_FAILED");
        var held = new TaskCompletionSource();
        var uploads = 0;
        await page.RouteAsync($"{Studio.Storage}/**", async route =>
        {
            if (route.Request.Method != "PUT") { await route.ContinueAsync(); return; }
            switch (++uploads)
            {
                case 1: await route.AbortAsync(); break;
                case 2: held.SetResult(); break;
                default: await route.ContinueAsync(); break;
            }
        });
        await page.FillAsync("a heart of paper");

        await page.Start().ClickAsync();
        await Assertions.Expect(page.GetByText(Offline)).ToBeVisibleAsync();
        await held.Task.WaitAsync(Cancellation);
        await Assertions.Expect(page.GetByText("Sending your photo")).ToBeVisibleAsync();
        await page.ReloadAsync();

        var id = await page.StartedAsync();
        Assert.Equal(3, uploads);
        await Assertions.Expect(page.GetByText(Offline)).ToHaveCountAsync(0);
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        var edits = await Studio.Client.ListAsync(cancellationToken: Cancellation);
        Assert.Equal(id, Assert.Single(edits.Edits, edit => edit.TargetText == "a heart of paper").EditId);
    }

    [Fact]
    public async Task Draft_Reloaded_IsThereAgain()
    {
        var page = (await OpenAsync()).Page;
        await page.FillAsync("a heart of chalk");

        await page.ReloadAsync();

        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await Assertions.Expect(page.Sentence()).ToHaveValueAsync("a heart of chalk");
        await Assertions.Expect(page.GetByLabel("Recipe")).ToHaveValueAsync("emoji-64");
    }

    [Fact]
    public async Task Watching_ReloadedAndWithoutNetwork_GoesOn()
    {
        var edit = await Studio.Edits.StartAsync("a heart of snow", StudioEdits.Endless);
        var opened = await OpenAsync(screen: $"/edits/{edit.EditId}");
        var page = opened.Page;
        opened.Expect("ERR_INTERNET_DISCONNECTED");
        var line = page.GetByRole(AriaRole.Img, new() { Name = "The difference over the steps: lower is closer to your photo" }).Locator("polyline");
        await Assertions.Expect(line).ToHaveAttributeAsync("points", new Regex("^([^ ]+ ){3,}"));
        await Assertions.Expect(page.GetByAltText("The photo as the model paints it by now")).ToBeVisibleAsync();
        var before = await PointsAsync();

        await page.ReloadAsync();
        await line.WaitForAsync();
        Assert.True(await PointsAsync() >= before, "The line begins anew.");

        await page.Context.SetOfflineAsync(true);
        await page.Button("Cancel").ClickAsync();
        await page.Button("Cancel the edit").ClickAsync();
        await Assertions.Expect(page.GetByText(Offline)).ToBeVisibleAsync();
        await page.Context.SetOfflineAsync(false);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This edit was cancelled" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText(Offline)).ToHaveCountAsync(0);

        async Task<int> PointsAsync() => (await line.GetAttributeAsync("points"))!.Split(' ').Length;
    }

    [Fact]
    public async Task Start_WithoutNetwork_GoesOnWhenItIsBack()
    {
        var opened = await OpenAsync();
        var page = opened.Page;
        opened.Expect("ERR_INTERNET_DISCONNECTED");
        await page.FillAsync("a heart of fog");

        await page.Context.SetOfflineAsync(true);
        await page.Start().ClickAsync();
        await Assertions.Expect(page.GetByText(Offline)).ToBeVisibleAsync();
        await page.Context.SetOfflineAsync(false);

        await Studio.Client.CancelAsync(await page.StartedAsync(), Cancellation);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This edit was cancelled" })).ToBeVisibleAsync();
    }

    /// <summary>As a machine that is taken away.</summary>
    [Fact]
    public async Task Worker_Killed_IsTold_AndTheEditSucceeds()
    {
        var edit = await Studio.Edits.StartAsync("a heart of rope", 600);
        var page = (await OpenAsync(screen: $"/edits/{edit.EditId}")).Page;
        await Studio.Edits.UntilAsync(edit.EditId, view => view.Stages.Any(stage => stage.Checkpoints > 0 && !stage.Done));

        await Studio.Edits.KillWorkerAsync();

        await Assertions.Expect(page.GetByText("Went on after an interruption")).ToBeVisibleAsync();
        await page.ToChooseAsync();
        Assert.NotEqual(0, (await Studio.Client.GetAsync(edit.EditId, Cancellation)).View.Resumes);
    }
}
