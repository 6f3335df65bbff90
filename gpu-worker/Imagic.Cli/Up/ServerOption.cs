using System.CommandLine;
using Imagic.Cli.Api;

namespace Imagic.Cli.Up;

/// <summary><c>--server</c>, the same on all commands that talk to a pipeline.</summary>
internal sealed class ServerOption
{
    private readonly Option<string?> _option = new("--server") { Description = $"Address of the pipeline; by default the one on this machine, http://127.0.0.1:{LocalEnvironmentArguments.DefaultPort}" };

    public Option Option => _option;

    /// <summary>The address that was given; null when none was.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public Uri? Given(ParseResult parsed)
    {
        if (parsed.GetValue(_option) is not { } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new BadInputException($"--server takes an address such as http://127.0.0.1:{LocalEnvironmentArguments.DefaultPort}; got '{text}'.");
    }
}
