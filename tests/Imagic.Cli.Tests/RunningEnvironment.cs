using Imagic.Tests;

namespace Imagic.Cli.Tests;

/// <summary>A pipeline that is up while the tests of a collection run. It has a tiny model: tests look at what
/// travels, not at what pictures show, and a checkpoint of the embedded model is 166 MB.</summary>
public sealed class RunningEnvironment : IAsyncLifetime
{
    private readonly EnvironmentPlace _place = new();
    private ImagicProcess? _up;

    public const string Model = "sd1-micro";

    public string Server => _place.Server;

    public string ConnectionString => _place.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        var environment = new Dictionary<string, string> { ["ImagicModels"] = Model };
        _up = ImagicProcess.Run(environment, ["up", .. _place.Arguments, "--", "--threads", "1", "--models", RepositoryFiles.Fixtures]);
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
public sealed class RunningEnvironmentTests : ICollectionFixture<RunningEnvironment>
{
    public const string Name = "running environment";
}
