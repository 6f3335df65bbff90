using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Imagic.LocalHost;
using Imagic.Storage;
using Imagic.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Lab.Soak;

/// <summary>What following edits costs in each of the three ways: clients with an edit each, which a writer moves on every second.</summary>
/// <param name="options">An empty account.</param>
/// <param name="output">Where the figures go.</param>
internal sealed class WaitSoak(StorageOptions options, TextWriter output)
{
    private const int Writers = 16;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2); // what Retry-After says
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    /// <param name="clients">How many follow an edit.</param>
    /// <param name="seconds">How long, in each way.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether every client has seen its edit move in every way.</returns>
    public async Task<bool> RunAsync(int clients, int seconds, CancellationToken cancellationToken)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(cancellationToken);
        var records = new EditRecords(account);
        var model = await (await MicroEdit.StartAsync(account, NullLogger.Instance, cancellationToken)).RecordAsync(cancellationToken);
        await using var storage = await CountingProxy.StartAsync(account.Blobs.Uri, cancellationToken);
        await using var host = await LocalFunctionsHost.StartAsync(
            new()
            {
                AppFolder = FunctionsFolder.Find(null),
                Port = 0,
                Storage = new() { ConnectionString = options.ConnectionString!.Replace(account.Blobs.Uri.Authority, storage.Address.Authority, StringComparison.Ordinal) },
            },
            NullLoggerFactory.Instance, TimeProvider.System, cancellationToken);
        using var client = new HttpClient { BaseAddress = host.Address };
        output.WriteLine("| way | requests/min | storage calls/min | changes written/min | changes seen/min |");
        output.WriteLine("|---|---|---|---|---|");
        var isGood = true;
        foreach (var (name, follow) in new (string, Func<HttpClient, string, Seen, CancellationToken, Task>)[]
        {
            ("poll by ETag every 2 s", PollAsync), ("Prefer: wait=60", WaitAsync), ("events", EventsAsync),
        })
        {
            var edits = new Stored<EditRecord>[clients];
            for (var i = 0; i < clients; i++)
                edits[i] = (await records.CreateAsync(model with { EditId = EditId.Parse($"{follow.Method.Name.ToLowerInvariant()}-{i}"), Sequence = 0 }, cancellationToken))!;
            var seen = edits.Select(_ => new Seen()).ToArray();
            var (before, began) = (storage.Calls, Stopwatch.GetTimestamp());
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
            var following = edits.Select((edit, i) => UntilEndAsync(follow(client, edit.Value.EditId.Value, seen[i], end.Token))).ToArray();
            var written = await WriteAsync(records, edits, end.Token);
            await Task.WhenAll(following);
            var minutes = Stopwatch.GetElapsedTime(began).TotalMinutes;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {seen.Sum(one => one.Requests) / minutes:F0} | {(storage.Calls - before) / minutes:F0} | {written / minutes:F0} | {seen.Sum(one => one.Changes) / minutes:F0} |"));
            isGood &= seen.All(one => one.Changes > 0);
        }

        return isGood;
    }

    private static async Task PollAsync(HttpClient client, string id, Seen seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            await GetAsync(client, id, seen, prefer: null, cancellationToken);
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    private static async Task WaitAsync(HttpClient client, string id, Seen seen, CancellationToken cancellationToken)
    {
        while (true) await GetAsync(client, id, seen, "wait=60", cancellationToken);
    }

    private static async Task EventsAsync(HttpClient client, string id, Seen seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            seen.Requests++;
            await using var stream = await client.GetStreamAsync($"/api/edits/{id}/events", cancellationToken);
            await foreach (var _ in SseParser.Create(stream).EnumerateAsync(cancellationToken)) seen.Changes++;
        }
    }

    private static async Task GetAsync(HttpClient client, string id, Seen seen, string? prefer, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/edits/{id}");
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        if (seen.ETag is { } known) request.Headers.IfNoneMatch.Add(known);
        seen.Requests++;
        using var answer = await client.SendAsync(request, cancellationToken);
        if (answer.StatusCode == System.Net.HttpStatusCode.NotModified) return;
        answer.EnsureSuccessStatusCode();
        (seen.ETag, seen.Changes) = (answer.Headers.ETag, seen.Changes + 1);
    }

    // As a worker that keeps what it wrote: without reads.
    private static async Task<int> WriteAsync(EditRecords records, Stored<EditRecord>[] edits, CancellationToken cancellationToken)
    {
        var written = 0;
        using var ticks = new PeriodicTimer(WriteInterval);
        await UntilEndAsync(TickAsync());
        return written;

        async Task TickAsync()
        {
            while (await ticks.WaitForNextTickAsync(cancellationToken))
            {
                await Parallel.ForEachAsync(
                    Enumerable.Range(0, edits.Length), new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
                    async (i, token) =>
                    {
                        edits[i] = (await records.ReplaceAsync(edits[i], edits[i].Value, token))!;
                        Interlocked.Increment(ref written);
                    });
            }
        }
    }

    private static async Task UntilEndAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
    }

    /// <summary>What one client has asked and heard.</summary>
    private sealed class Seen
    {
        public int Requests { get; set; }

        public int Changes { get; set; }

        public EntityTagHeaderValue? ETag { get; set; }
    }
}
