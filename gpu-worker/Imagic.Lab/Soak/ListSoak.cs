using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Imagic.Cli.Up;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.LocalHost;
using Imagic.Storage;
using Imagic.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Lab.Soak;

/// <summary>Fills the index with many edits, a few of them under way, and measures what a page of the list costs.</summary>
/// <param name="options">An empty account.</param>
/// <param name="output">Where the figures go.</param>
internal sealed class ListSoak(StorageOptions options, TextWriter output)
{
    private const int UnderWay = 16;
    private const int PageSize = 100;
    private const int Writers = 32;
    private const int Clients = 16;

    /// <param name="edits">How many there are.</param>
    /// <param name="rounds">Calls of each client, and four times as many before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all pages were as they must be.</returns>
    public async Task<bool> RunAsync(int edits, int rounds, CancellationToken cancellationToken)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(cancellationToken);
        var began = Stopwatch.GetTimestamp();
        await FillAsync(account, edits, cancellationToken);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{edits} edits in the index after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s"));

        await using var host = await LocalFunctionsHost.StartAsync(
            new() { AppFolder = FunctionsFolder.Find(null), Port = 0, Storage = options }, NullLoggerFactory.Instance, TimeProvider.System, cancellationToken);
        using var client = new HttpClient { BaseAddress = host.Address };
        var first = await GetAsync(client, "", cancellationToken);
        var isGood = first.Edits.Length == PageSize && first.Edits.Select(edit => edit.Created).SequenceEqual(first.Edits.Select(edit => edit.Created).OrderDescending());
        foreach (var (name, query) in new[]
        {
            ("first page", ""), ("second page", $"&continuation={Uri.EscapeDataString(first.Continuation!)}"), ("state=failed", "&state=failed"), ("state=queued", "&state=queued"),
        })
        {
            await MeasureAsync(name, rounds, token => GetAsync(client, query, token), cancellationToken);
        }

        var index = new EditIndex(account);
        await MeasureAsync("the storage call alone", rounds, token => index.ReadAsync(StoragePaths.AllEdits, null, PageSize, token), cancellationToken);
        return isGood;
    }

    // The edits that have ended have entries alone.
    private static async Task FillAsync(StorageAccount account, int edits, CancellationToken cancellationToken)
    {
        var (index, records) = (new EditIndex(account), new EditRecords(account));
        var now = TimeProvider.System.GetUtcNow();
        var edit = await MicroEdit.StartAsync(account, NullLogger.Instance, cancellationToken);
        var record = (await edit.RecordAsync(cancellationToken)) with { Created = now };
        for (var i = 0; i < UnderWay; i++)
        {
            var running = record with { EditId = EditId.Parse($"running-{i}"), Created = now.AddSeconds(-i * 3) };
            await records.CreateAsync(running, cancellationToken);
            await index.WriteAsync(running, cancellationToken);
        }

        var ended = EditSummary.Of(record with { State = EditState.Failed, Ended = now, Error = new("diverged", "x") });
        await Parallel.ForEachAsync(
            Enumerable.Range(0, edits), new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var (id, created) = (EditId.Parse($"edit-{i:D7}"), now.AddSeconds(-i));
                await PutAsync(StoragePaths.AllEdits, id, created, token);
                if (i % 20 == 0) await PutAsync(EditState.Failed.Name(), id, created, token);
            });

        Task PutAsync(string folder, EditId id, DateTimeOffset created, CancellationToken token)
        {
            var summary = JsonSerializer.SerializeToUtf8Bytes(ended with { EditId = id, Created = created }, ContractsJsonContext.Default.EditSummary);
            return account.Index.GetBlobClient(StoragePaths.IndexEntry(folder, created, id)).UploadAsync(
                BinaryData.Empty, new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["summary"] = Convert.ToBase64String(summary) } }, token);
        }
    }

    private static async Task<EditList> GetAsync(HttpClient client, string query, CancellationToken cancellationToken) => JsonSerializer.Deserialize(
        await client.GetByteArrayAsync($"/api/edits?limit={PageSize}{query}", cancellationToken), ContractsJsonContext.Default.EditList)!;

    private async Task MeasureAsync(string name, int rounds, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        foreach (var clients in new[] { 1, Clients })
        {
            var latencies = await Latencies.MeasureAsync(clients, rounds * (clients + 4), (_, token) => call(token), cancellationToken);
            output.WriteLine($"list, {name}, {clients} clients: {latencies}");
        }
    }
}
