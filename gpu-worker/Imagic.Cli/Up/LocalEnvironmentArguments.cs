using System.CommandLine;

namespace Imagic.Cli.Up;

/// <summary>
/// The part of the command line that says where a pipeline on this machine lives: all of it belongs to <c>up</c>, and
/// commands that start one for themselves take it without showing it.
/// </summary>
internal sealed class LocalEnvironmentArguments
{
    /// <summary>Port of the API when none is named; Functions on a desk have always used it.</summary>
    public const int DefaultPort = 7071;

    /// <summary>Address of the API when none is named.</summary>
    public static readonly Uri DefaultAddress = new($"http://127.0.0.1:{DefaultPort}");

    /// <summary>Port of Azurite's blob service when none is named.</summary>
    public const int DefaultBlobPort = 10000;

    private readonly Option<int> _port = new("--port") { Description = "Port of the API on 127.0.0.1", DefaultValueFactory = _ => DefaultPort };
    private readonly Option<string?> _data = new("--data") { Description = "Folder of the storage; by default .imagic/azurite in the checkout" };
    private readonly Option<string?> _functions = new("--functions") { Description = "Folder of the built function app" };
    private readonly Option<int> _blobPort = new("--blob-port") { Description = "Port of its blob service", DefaultValueFactory = _ => DefaultBlobPort };
    private readonly Option<int> _queuePort = new("--queue-port") { Description = "Port of its queue service", DefaultValueFactory = _ => 10001 };

    /// <summary>Adds the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="hidden">Whether the help leaves them out.</param>
    public void AddTo(Command command, bool hidden)
    {
        foreach (var option in new Option[] { _port, _data, _blobPort, _queuePort, _functions })
        {
            option.Hidden = hidden;
            command.Add(option);
        }
    }

    /// <summary>What is to be started.</summary>
    /// <exception cref="BadInputException">A value cannot be used.</exception>
    /// <exception cref="NotSetUpException">The function app is not there.</exception>
    public LocalEnvironmentOptions Options(ParseResult parsed) => new()
    {
        Port = Port(parsed),
        BlobPort = Port(parsed, _blobPort),
        QueuePort = Port(parsed, _queuePort),
        DataFolder = Path.GetFullPath(parsed.GetValue(_data) ?? Path.Combine(Checkout.StateFolder, "azurite")),
        IsDataChosen = parsed.GetValue(_data) is not null,
        FunctionsFolder = FunctionsFolder.Find(parsed.GetValue(_functions)),
    };

    private int Port(ParseResult parsed) => Port(parsed, _port);

    private static int Port(ParseResult parsed, Option<int> option) => parsed.GetValue(option) is > 0 and <= 65535 and var port
        ? port
        : throw new BadInputException($"{option.Name} takes a port from 1 to 65535; got '{parsed.GetValue(option)}'.");
}
