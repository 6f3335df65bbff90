using Imagic.LocalHost;
using Imagic.Storage;
using Microsoft.Extensions.Logging.Abstractions;

// The tests; or a host in a process of its own, so that a test can kill it.
if (args is not ["host", var folder, var connectionString]) return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
await using var host = await LocalFunctionsHost.StartAsync(
    new() { AppFolder = folder, Port = 0, Storage = new StorageOptions { ConnectionString = connectionString } },
    NullLoggerFactory.Instance,
    TimeProvider.System,
    CancellationToken.None);
Console.WriteLine(host.WorkerProcessId);
await host.Completion;
return 0;
