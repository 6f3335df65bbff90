using Microsoft.Azure.WebJobs.Host;
using Microsoft.Extensions.Configuration;

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>A built function app: how its worker is started, and what <c>host.json</c> says.</summary>
internal sealed record FunctionApp(string Folder, string Executable, string WorkerPath, IConfiguration HostJson)
{
    private const string HostFile = "host.json";
    private const string WorkerFile = "worker.config.json";

    /// <summary>Longest run of a function; null is for ever.</summary>
    public TimeSpan? FunctionTimeout { get; } = HostJson["functionTimeout"] switch
    {
        null => TimeSpan.FromMinutes(30),
        "-1" => null,
        var text => TimeSpan.TryParse(text, out var time) && time > TimeSpan.Zero
            ? time
            : throw new FunctionAppException($"{HostFile} has the functionTimeout '{text}'; write \"00:05:00\", or \"-1\" for none."),
    };

    /// <summary>What all routes begin with.</summary>
    public string RoutePrefix { get; } = (HostJson["extensions:http:routePrefix"] ?? "api").Trim('/');

    /// <summary>Reads the two files that a build of the app leaves.</summary>
    /// <exception cref="FunctionAppException">One is missing, or cannot be used.</exception>
    public static FunctionApp Load(string folder)
    {
        folder = Path.GetFullPath(folder);
        var host = Read(folder, HostFile);
        if (host["version"] is var version and not "2.0") throw new FunctionAppException($"{HostFile} has version '{version}'; write \"version\": \"2.0\".");
        CheckQueues(host);
        var worker = Read(folder, WorkerFile);
        return new(folder, Description("defaultExecutablePath"), Path.Combine(folder, Description("defaultWorkerPath")), host);

        string Description(string name) =>
            worker[$"description:{name}"]?.Replace("{WorkerRoot}", $"{folder}/", StringComparison.Ordinal)
            ?? throw new FunctionAppException($"{WorkerFile} has no description.{name}: this is no app of an isolated worker.");
    }

    // The listeners read the section by themselves, but later, and say less about it.
    private static void CheckQueues(IConfiguration host)
    {
        try
        {
            host.GetSection("extensions:queues").Bind(new QueuesOptions());
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or System.Reflection.TargetInvocationException)
        {
            throw new FunctionAppException($"{HostFile} has an extensions.queues that cannot be used: {exception.GetBaseException().Message}", exception);
        }
    }

    private static IConfigurationRoot Read(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path)) throw new FunctionAppException($"There is no {path}. The folder must hold a built function app.");
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, optional: false, reloadOnChange: false).Build();
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            throw new FunctionAppException($"{file} is no JSON: {exception.GetBaseException().Message}", exception);
        }
    }
}
