using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Imagic.Tests;

namespace Imagic.Studio.Tests;

/// <summary>A page in a browser profile of its own, with all that it complains about.</summary>
public sealed class StudioPage : IAsyncDisposable
{
    private static readonly string[] Impacts = ["serious", "critical"];

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly ConcurrentQueue<IRequest> _requests = [];
    private readonly List<string> _expected = [];

    private StudioPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Everything that was asked for.</summary>
    public IReadOnlyCollection<IRequest> Requests => _requests;

    /// <summary>Errors on the console, exceptions, breaches of the security policy and requests to other hosts than the app and its storage.</summary>
    public IEnumerable<string> Faults => _faults.Where(fault => !_expected.Exists(expected => fault.Contains(expected, StringComparison.Ordinal)));

    internal static async Task<StudioPage> CreateAsync(StudioFixture studio, Device device)
    {
        var isPhone = device == Device.Phone;
        var context = await studio.Browser.NewContextAsync(new()
        {
            ViewportSize = isPhone ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 800 },
            HasTouch = isPhone,
            IsMobile = isPhone,
            Locale = "en-GB",
            AcceptDownloads = true,
        });
        var page = new StudioPage(context, await context.NewPageAsync());
        await page.ListenAsync(studio);
        return page;
    }

    /// <summary>Takes faults that hold this text for what the test is about.</summary>
    public void Expect(string text) => _expected.Add(text);

    /// <summary>That axe finds nothing serious on what is shown now, dark and light.</summary>
    public async Task AssertAccessibleAsync()
    {
        // Dark and light differ in their colours alone. What fades from one to the other has neither's for a while.
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark, ReducedMotion = ReducedMotion.Reduce });
        var dark = await Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations], RunOnly = new() { Type = "rule", Values = ["color-contrast"] } });
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        var light = await Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
        await Page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Null });
        var found =
            from violation in dark.Violations.Concat(light.Violations)
            where Impacts.Contains(violation.Impact)
            select $"{violation.Impact} {violation.Id}: {violation.Help} ({violation.HelpUrl})" + string.Concat(
                violation.Nodes.Select(node => $"\n    {node.Target}\n      {node.Html}\n      {string.Join("; ", node.Any.Concat(node.All).Select(check => check.Message))}"));
        Assert.True(!found.Any(), string.Join('\n', found));
    }

    /// <summary>A picture of the whole page among the results of the tests.</summary>
    public async Task KeepAsync(string name)
    {
        var file = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' ? letter : '_'));
        await Page.ScreenshotAsync(new() { Path = Path.Combine(RepositoryFiles.Root, "artifacts", "TestResults", "studio", $"{file}.png"), FullPage = true });
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private async Task ListenAsync(StudioFixture studio)
    {
        Page.Console += (_, message) =>
        {
            if (message.Type == "error") _faults.Enqueue($"console: {message.Text} ({message.Location})");
        };
        Page.PageError += (_, error) => _faults.Enqueue($"exception: {error}");
        _context.Request += (_, request) =>
        {
            _requests.Enqueue(request);
            var address = new Uri(request.Url);
            if (address.Scheme is not ("data" or "blob" or "about") && address.GetLeftPart(UriPartial.Authority) is var origin && origin != studio.Server && origin != studio.Storage)
                _faults.Enqueue($"request to another host: {request.Method} {request.Url}");
        };
        await _context.ExposeFunctionAsync("reportBreach", (string breach) => _faults.Enqueue($"security policy: {breach}"));
        await _context.AddInitScriptAsync("addEventListener('securitypolicyviolation', event => reportBreach(`${event.effectiveDirective} forbids ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`))");
    }
}
