using System.Diagnostics;
using System.Globalization;
using Imagic.Contracts.Edits;

namespace Imagic.Studio.Tests;

/// <summary>
/// How fast the page is, in figures that depend on the machine and what else it does: run by hand, by
/// <c>Imagic.Studio.Tests -explicit only -class '*PaceTests' -showLiveOutput</c>.
/// </summary>
public class PaceTests(StudioFixture studio) : StudioTest(studio)
{
    private static readonly TimeSpan Open = TimeSpan.FromSeconds(30);

    [Fact(Explicit = true)]
    public async Task Figures()
    {
        var opened = await OpenAsync(screen: "/edits/nowhere");
        opened.Expect("404");
        var page = opened.Page;
        var network = await page.Context.NewCDPSessionAsync(page);
        await network.SendAsync("Network.enable");
        foreach (var isCold in (bool[])[true, false])
        {
            var paints = new List<double>();
            for (var i = 0; i < 5; i++)
            {
                if (isCold) await network.SendAsync("Network.clearBrowserCache");
                await page.GotoAsync("about:blank");
                await page.GotoAsync($"{Studio.Server}/");
                await Assertions.Expect(page.ChooseAPhoto()).ToBeVisibleAsync();
                paints.Add(await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
            }

            Say($"first contentful paint of the start screen, {(isCold ? "nothing" : "all")} in the cache: median {Share(paints, 0.5):0} ms of {string.Join(' ', paints.Select(paint => $"{paint:0}"))}");
        }

        var edit = await Studio.Client.WaitAsync((await Studio.Edits.StartAsync("a heart of many", seeds: 75)).EditId, Cancellation);
        await page.GotoAsync($"{Studio.Server}/#/edits/{edit.EditId}");
        await page.ToChooseAsync();
        await page.Button("All 225 pictures").ClickAsync();
        Say($"frames of 225 pictures, scrolled: {await FramesAsync(page, ".picture-table")}");

        var (requests, bytes) = (0, 0L);
        network.Event("Network.requestWillBeSent").OnEvent += (_, _) => Interlocked.Increment(ref requests);
        network.Event("Network.dataReceived").OnEvent += (_, told) => Interlocked.Add(ref bytes, told!.Value.GetProperty("encodedDataLength").GetInt64());
        await RestAsync("the pictures");
        await page.GotoAsync($"{Studio.Server}/#/gallery");
        await Assertions.Expect(page.Locator(".tile img").First).ToBeVisibleAsync();
        await RestAsync("the gallery");
        var running = await Studio.Edits.StartAsync("a heart of haste", StudioEdits.Endless);
        await page.GotoAsync($"{Studio.Server}/#/edits/{running.EditId}");
        await Assertions.Expect(page.GetByAltText("The photo as the model paints it by now")).ToBeVisibleAsync();
        await RestAsync("an edit that is learnt, previews included");

        async Task RestAsync(string what)
        {
            (requests, bytes) = (0, 0);
            var clock = Stopwatch.StartNew();
            await Task.Delay(Open, Cancellation);
            var minutes = clock.Elapsed.TotalMinutes;
            Say($"{what}, open: {requests / minutes:0.#} requests and {bytes / 1024.0 / minutes:0.#} KiB a minute");
        }
    }

    // Every frame scrolls on, so each is drawn.
    private static async Task<string> FramesAsync(IPage page, string scrolled)
    {
        var drawn = new List<double>();
        var ended = new TaskCompletionSource();
        var tracing = await page.Context.NewCDPSessionAsync(page);
        tracing.Event("Tracing.dataCollected").OnEvent += (_, told) =>
        {
            foreach (var entry in told!.Value.GetProperty("value").EnumerateArray().Where(entry => entry.GetProperty("name").GetString() == "DrawFrame"))
                drawn.Add(entry.GetProperty("ts").GetDouble() / 1000);
        };
        tracing.Event("Tracing.tracingComplete").OnEvent += (_, _) => ended.SetResult();
        await tracing.SendAsync("Tracing.start", new() { ["traceConfig"] = new { includedCategories = (string[])["devtools.timeline", "devtools.timeline.frame", "disabled-by-default-devtools.timeline.frame"] } });
        await page.EvaluateAsync(
            """
            async selector => {
              const box = document.querySelector(selector);
              for (let i = 0; i < 240; i++) {
                await new Promise(requestAnimationFrame);
                box.scrollTop += i < 120 ? 24 : -24;
              }
            }
            """,
            scrolled);
        await tracing.SendAsync("Tracing.end");
        await ended.Task;
        drawn.Sort();
        var times = drawn.Zip(drawn.Skip(1), (before, after) => after - before).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"median {Share(times, 0.5):0.0} ms, p95 {Share(times, 0.95):0.0} ms, most {times.Max():0.0} ms of {times.Count}");
    }

    private static double Share(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));

    private static void Say(string words)
    {
        var load = File.Exists("/proc/loadavg") ? $" (load {File.ReadAllText("/proc/loadavg").Split(' ')[0]})" : "";
        TestContext.Current.TestOutputHelper!.WriteLine(words + load);
    }
}
