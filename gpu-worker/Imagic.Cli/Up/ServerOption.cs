using System.CommandLine;
using Imagic.Client;
using Spectre.Console;

namespace Imagic.Cli.Up;

/// <summary><c>--server</c>, the same on all commands that talk to a pipeline.</summary>
internal sealed class ServerOption
{
    private readonly Option<string?> _option = new("--server") { Description = $"Address of the pipeline; by default the one on this machine, http://127.0.0.1:{LocalEnvironmentArguments.DefaultPort}" };

    /// <summary>Environment variable with the function key of an installation in Azure.</summary>
    public const string KeyVariable = "IMAGIC_FUNCTION_KEY";

    public Option Option => _option;

    /// <summary>How a pipeline is called. One that cannot wait is asked often: what it shows moves.</summary>
    public static ImagicClientOptions Options(Uri address) => new()
    {
        Address = address,
        FunctionKey = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : null,
        PollInterval = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>The option as one types it after a command; nothing for the pipeline on this machine.</summary>
    public static string Typed(Uri server) => server == LocalEnvironmentArguments.DefaultAddress ? "" : $" --server {server.GetLeftPart(UriPartial.Authority)}";

    /// <summary>A connection to the pipeline that was given, or to the one on this machine.</summary>
    public PipelineConnection Connect(ParseResult parsed, IAnsiConsole console, TimeProvider time) =>
        new(Given(parsed) ?? LocalEnvironmentArguments.DefaultAddress, null, console, time);

    /// <summary>A client of the pipeline that was given, or of the one on this machine.</summary>
    public ImagicClient Client(ParseResult parsed) => new(Options(Given(parsed) ?? LocalEnvironmentArguments.DefaultAddress));

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
