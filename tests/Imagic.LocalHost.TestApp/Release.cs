namespace Imagic.LocalHost.TestApp;

/// <summary>What the tests say when something held back may go on.</summary>
internal static class Release
{
    public static async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (!File.Exists(Environment.GetEnvironmentVariable("TEST_RELEASE"))) await Task.Delay(20, cancellationToken);
    }
}
