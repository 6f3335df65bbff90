namespace Imagic.LocalHost.App;

/// <summary>A function: its folder's name is its name.</summary>
internal abstract record FunctionDefinition(string Name);

/// <summary>A function that answers HTTP requests.</summary>
/// <param name="Name">Name.</param>
/// <param name="Input">Name of the binding of the request.</param>
/// <param name="Output">Name of the binding of the answer.</param>
/// <param name="Route">Route template below the prefix.</param>
/// <param name="Methods">HTTP methods; none means all.</param>
internal sealed record HttpFunction(string Name, string Input, string Output, string Route, IReadOnlyList<string> Methods)
    : FunctionDefinition(Name);

/// <summary>A function that handles the messages of a queue.</summary>
/// <param name="Name">Name.</param>
/// <param name="Input">Name of the binding of the message.</param>
/// <param name="Queue">Name of the queue.</param>
internal sealed record QueueFunction(string Name, string Input, string Queue) : FunctionDefinition(Name);

/// <summary>A function app as it is in its folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Host">What <c>host.json</c> says.</param>
/// <param name="Functions">What the <c>function.json</c> files say.</param>
internal sealed record FunctionApp(string Folder, HostJson Host, IReadOnlyList<FunctionDefinition> Functions)
{
    /// <summary>Reads an app.</summary>
    /// <exception cref="FunctionAppException">It cannot be run here.</exception>
    public static FunctionApp Load(string folder, AppSettings settings)
    {
        folder = Path.GetFullPath(folder);
        var host = new HostJsonReader(folder, settings).Read();
        var functions = Directory.EnumerateDirectories(folder)
            .Where(function => File.Exists(Path.Combine(function, FunctionJsonReader.FileName)))
            .Order(StringComparer.Ordinal)
            .Select(function => new FunctionJsonReader(function, settings).Read())
            .OfType<FunctionDefinition>()
            .ToList();
        return functions.Count > 0
            ? new(folder, host, functions)
            : throw new FunctionAppException($"There is no function in {folder}: no folder in it has a {FunctionJsonReader.FileName}.");
    }
}
