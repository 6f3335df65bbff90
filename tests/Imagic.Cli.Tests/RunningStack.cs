namespace Imagic.Cli.Tests;

/// <summary>A pipeline that is up while the tests of a collection run.</summary>
public sealed class RunningStack : IAsyncLifetime
{
    private readonly StackPlace _place = new();
    private ImagicProcess? _up;

    public string Server => _place.Server;

    public string ConnectionString => _place.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        _up = ImagicProcess.Run(["up", .. _place.Arguments, "--", "--threads", "1"]);
        await _up.WaitForLineAsync(line => line.Contains("Imagic is up", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (_up is not null)
        {
            await _up.SignalAsync("TERM");
            await _up.EndAsync();
            _up.Dispose();
        }

        _place.Dispose();
    }
}

/// <summary>Tests that share a pipeline.</summary>
[CollectionDefinition(Name)]
public sealed class RunningStackTests : ICollectionFixture<RunningStack>
{
    public const string Name = "running stack";
}
