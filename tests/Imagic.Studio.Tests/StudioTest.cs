namespace Imagic.Studio.Tests;

/// <summary>What a page is looked at on.</summary>
public enum Device
{
    Desktop,
    Phone,
}

/// <summary>A test with pages. At its end none may have complained; those of a test that fails are kept as pictures.</summary>
public abstract class StudioTest(StudioFixture studio) : IAsyncLifetime
{
    private readonly List<StudioPage> _pages = [];

    protected StudioFixture Studio { get; } = studio;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the page as somebody does who has never been there.</summary>
    /// <param name="device">What on.</param>
    /// <param name="screen">What comes after # in the address.</param>
    protected async Task<StudioPage> OpenAsync(Device device = Device.Desktop, string screen = "/")
    {
        var page = await StudioPage.CreateAsync(Studio, device);
        _pages.Add(page);
        await page.Page.GotoAsync($"{Studio.Server}/#{screen}");
        return page;
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        var faults = _pages.SelectMany(page => page.Faults).ToList();
        var hasFailed = faults.Count > 0 || TestContext.Current.TestState?.Result == TestResult.Failed;
        foreach (var (index, page) in _pages.Index())
        {
            if (hasFailed) await page.KeepAsync($"{TestContext.Current.Test?.TestDisplayName}-{index + 1}");
            await page.DisposeAsync();
        }

        await Studio.Edits.ClearAsync();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
