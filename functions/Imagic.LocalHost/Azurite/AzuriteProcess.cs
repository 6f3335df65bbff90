using System.Net;
using System.Net.Sockets;
using Imagic.LocalHost.Processes;
using Imagic.Storage;

namespace Imagic.LocalHost.Azurite;

/// <summary>A storage account name and its key (base64).</summary>
public sealed record AzuriteAccount(string Name, string Key)
{
    /// <summary>The account that Azurite documents for everybody.</summary>
    public static AzuriteAccount WellKnown { get; } = new(
        "devstoreaccount1", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==");
}

/// <summary>The storage emulator as a child process, on loopback. It ends with this process, however that ends.</summary>
public sealed class AzuriteProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    // It writes its tables of contents every few seconds and when it is asked to end, not when it is killed.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    private readonly ChildProcess _process;
    private readonly bool _keepsData;

    private AzuriteProcess(ChildProcess process, bool keepsData, int blobPort, int queuePort) =>
        (_process, _keepsData, BlobPort, QueuePort) = (process, keepsData, blobPort, queuePort);

    /// <summary>Port of the blob service.</summary>
    public int BlobPort { get; }

    /// <summary>Port of the queue service.</summary>
    public int QueuePort { get; }

    public int Id => _process.Id;

    /// <summary>Ends when the process has ended.</summary>
    public Task Exited => _process.Exited;

    /// <summary>Starts it and waits until both services answer.</summary>
    /// <param name="folder">Where the data stays; null keeps it in memory.</param>
    /// <param name="blobPort">Port of the blob service; 0 takes a free one.</param>
    /// <param name="queuePort">Port of the queue service; 0 takes a free one.</param>
    /// <param name="accounts">Accounts that it serves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It is not installed, or did not start.</exception>
    public static async Task<AzuriteProcess> StartAsync(
        string? folder, int blobPort, int queuePort, IReadOnlyList<AzuriteAccount> accounts, CancellationToken cancellationToken)
    {
        var (blob, queue, table) = (blobPort == 0 ? FreePort() : blobPort, queuePort == 0 ? FreePort() : queuePort, FreePort());
        var said = new StringWriter();
        var process = await ChildProcess.StartAsync(new(
            "node",
            [
                FindScript(), "--silent", "--disableTelemetry", "--blobPort", $"{blob}", "--queuePort", $"{queue}", "--tablePort", $"{table}",
                .. folder is null ? ["--inMemoryPersistence"] : new[] { "--location", Directory.CreateDirectory(folder).FullName },
            ],
            folder ?? Directory.GetCurrentDirectory())
        {
            Environment = new Dictionary<string, string>
            {
                ["AZURITE_ACCOUNTS"] = string.Join(';', accounts.Select(account => $"{account.Name}:{account.Key}")),
            },
            Output = line => Keep(said, line),
            Error = line => Keep(said, line),
        });
        var azurite = new AzuriteProcess(process, folder is not null, blob, queue);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(StartTimeout);
            var answers = Task.WhenAll(LocalPort.AnswersAsync(blob, deadline.Token), LocalPort.AnswersAsync(queue, deadline.Token));
            if (await Task.WhenAny(answers, process.Exited) != answers) throw new IOException($"Azurite ended with exit code {await process.Exited}: {said}");
            await answers;
            return azurite;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await azurite.DisposeAsync();
            throw new IOException($"Azurite did not answer within {StartTimeout.TotalSeconds:0} s: {said}", exception);
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to reach one of its accounts.</summary>
    public StorageOptions Options(AzuriteAccount account) => new() { ConnectionString = ConnectionString(account, BlobPort, QueuePort) };

    /// <summary>Connection string of an account.</summary>
    public static string ConnectionString(AzuriteAccount account, int blobPort, int queuePort) =>
        $"DefaultEndpointsProtocol=http;AccountName={account.Name};AccountKey={account.Key};"
        + $"BlobEndpoint=http://127.0.0.1:{blobPort}/{account.Name};QueueEndpoint=http://127.0.0.1:{queuePort}/{account.Name};";

    public async ValueTask DisposeAsync()
    {
        if (_keepsData) await _process.StopAsync(StopGrace, TimeProvider.System);
        await _process.DisposeAsync();
    }

    private static void Keep(StringWriter said, string line)
    {
        lock (said)
        {
            if (said.GetStringBuilder().Length < 4000) said.WriteLine(line);
        }
    }

    /// <summary>A port that nobody listens on at the moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindScript()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "functions", "azurite", "node_modules", "azurite", "dist", "src", "azurite.js");
            if (File.Exists(script)) return script;
        }

        throw new IOException("Azurite is not installed. Run ./imagic setup in the checkout.");
    }
}
