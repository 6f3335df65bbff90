using Imagic.Client;
using Imagic.Tests;

[assembly: AssemblyFixture(typeof(Imagic.Studio.Tests.StudioFixture))]

namespace Imagic.Studio.Tests;

/// <summary>
/// A pipeline that is up, and a browser, for all tests of the page. The model is a tiny one: tests look at what the page
/// does, not at what pictures show.
/// </summary>
public sealed class StudioFixture : IAsyncLifetime
{
    public const string Model = "sd1-micro";

    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(3);

    // Names of Debian, of Ubuntu, and of Google's own package. Playwright's browsers are not fetched.
    private static readonly string[] Browsers = ["chromium", "chromium-browser", "google-chrome"];

    // A worker that is killed has kept what it did a second ago, and another goes on soon.
    private static readonly string[] Worker = ["--threads", "1", "--checkpoint-every", "1", "--visibility", "25"];

    private readonly EnvironmentPlace _place = new();
    private ImagicProcess? _up;
    private IPlaywright? _playwright;

    /// <summary>Address of the page.</summary>
    public string Server => _place.Server;

    /// <summary>Origin of the blobs.</summary>
    public string Storage => _place.Storage;

    /// <summary>The API, for what a test needs to be there.</summary>
    public ImagicClient Client { get; private set; } = null!;

    public IBrowser Browser { get; private set; } = null!;

    /// <summary>Edits that are there before a page looks at them, and the workers under them.</summary>
    internal StudioEdits Edits { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var starting = StartAsync();
        // As long as an edit of the tests takes on a busy machine.
        Assertions.SetDefaultExpectTimeout((float)WaitLimit.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = FindBrowser(),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        await starting;
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _playwright?.Dispose();
        Client?.Dispose();
        if (_up is not null)
        {
            await _up.SignalAsync("TERM");
            await _up.EndAsync();
            _up.Dispose();
        }

        _place.Dispose();
    }

    private async Task StartAsync()
    {
        var environment = new Dictionary<string, string> { ["ImagicModels"] = Model };
        _up = ImagicProcess.Run(environment, ["up", .. _place.Arguments, "--", .. Worker, "--models", RepositoryFiles.Fixtures]);
        await _up.WaitForLineAsync(line => line.Contains("Imagic is up", StringComparison.Ordinal));
        Client = new(new() { Address = new(Server), PollInterval = TimeSpan.FromMilliseconds(200) });
        Edits = new(Client, _place);
    }

    private static string FindBrowser() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Browsers.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"There is no browser ({string.Join(", ", Browsers)}) to test the page in. ./imagic test installs one on Debian and Ubuntu.");
}
