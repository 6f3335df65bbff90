using Imagic.Runtime.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.LocalHost.TestHandler;

/// <summary>This program as the host instead, so that a test can kill a host.</summary>
internal static class HostRole
{
    /// <summary>Runs until killed.</summary>
    public static async Task RunAsync(string folder, string connectionString)
    {
        await using var host = await LocalFunctionsHost.StartAsync(
            new() { AppFolder = folder, Port = 0, Storage = new StorageOptions { ConnectionString = connectionString } },
            NullLoggerFactory.Instance,
            TimeProvider.System,
            CancellationToken.None);
        Console.WriteLine(host.HandlerProcessId);
        Console.WriteLine(host.Address);
        await host.Completion;
    }
}
