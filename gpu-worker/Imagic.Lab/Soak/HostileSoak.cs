using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.TestKit.Fuzz;

namespace Imagic.Lab.Soak;

/// <summary>
/// A pipeline of its own under attack by whoever may call it, drop files, or write to its queues and blobs. Nothing may answer
/// with a fault of the service, hang, end a part of it or stay on a queue, and honest edits among the attacks end as ever.
/// </summary>
/// <param name="output">Where the figures go.</param>
internal sealed class HostileSoak(TextWriter output)
{
    private const int AttacksPerHonestEdit = 50;

    private const int MostLogged = 60;

    private static readonly TimeSpan SlowestAnswer = TimeSpan.FromSeconds(10);

    private readonly List<string> _wrong = [];

    /// <param name="attacks">How many.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all went as it must.</returns>
    public async Task<bool> RunAsync(int attacks, int seed, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("imagic-hostile-").FullName;
        try
        {
            var options = LoadSoak.Options(folder, "hostile", workers: 1);
            var log = Path.Combine(folder, "up.log");
            using (var lines = new FileLog(log, TimeProvider.System))
            {
                await using var environment = await LocalEnvironment.StartAsync(options, lines, TimeProvider.System, cancellationToken);
                await AttackAsync(environment, attacks, seed, cancellationToken);
            }

            if (_wrong.Count > 0) foreach (var line in File.ReadLines(log).TakeLast(MostLogged)) output.WriteLine($"  {line}");
            var restarts = File.ReadLines(log).Count(line => line.Contains("started again", StringComparison.Ordinal));
            if (restarts > 0) _wrong.Add($"the worker ended {restarts} times");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var sentence in _wrong.Take(20)) output.WriteLine(sentence);
        return _wrong.Count == 0;
    }

    private async Task AttackAsync(LocalEnvironment environment, int attacks, int seed, CancellationToken cancellationToken)
    {
        var (random, started, counts) = (new Random(seed), Stopwatch.GetTimestamp(), new SortedDictionary<string, int>(StringComparer.Ordinal));
        var failed = environment.FailedAsync(cancellationToken);
        using var client = new ImagicClient(new() { Address = environment.Options.Address });
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        using var http = new HttpClient(handler) { BaseAddress = new(environment.Options.Address, "/api/") };
        var (calls, blobs) = (new HostileCalls(random), new Mutator(random, await SeedsAsync(environment, client, cancellationToken)));
        var expected = await HonestAsync(client, "before", cancellationToken);
        var honest = new List<EditId>();
        for (var i = 0; i < attacks && !failed.IsCompleted; i++)
        {
            if (i % AttacksPerHonestEdit == 0)
            {
                honest.Add(EditId.Parse($"honest-{i}"));
                await client.StartAsync(LoadSoak.Request, new MemoryStream(LoadSoak.Picture()), "input.png", honest[^1], cancellationToken);
            }

            var kind = random.Next(7) switch
            {
                0 or 1 => await CallAsync(http, calls, cancellationToken),
                2 => await SendAsync(environment.Account, StoragePaths.StorageEvents, Event(random, blobs), cancellationToken),
                3 => await SendAsync(environment.Account, StoragePaths.StageQueue(random.GetItems(Enum.GetValues<EditStage>(), 1)[0]), blobs.Next(), cancellationToken),
                4 => await PlantRecordAsync(environment.Account, i, blobs.Next(), cancellationToken),
                5 => await DropAsync(environment.Account, i, random, blobs.Next(), cancellationToken),
                _ => await SpoilAsync(environment.Account, honest[^1], random, cancellationToken),
            };
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
        }

        foreach (var id in honest)
        {
            var view = await EndAsync(client, id, cancellationToken);
            if (!view.State.HasEnded()) _wrong.Add($"{id} has not ended: {view.State} in stage {view.Stage.Name()}, {view.Resumes} resumes");
            else if (view.State != EditState.Succeeded || view.ResultSha256 != expected) _wrong.Add($"{id} ended {view.State}: {view.Error?.Message ?? "other pictures"}");
        }

        await DrainAsync(environment.Account, cancellationToken);
        if (await HonestAsync(client, "after", cancellationToken) != expected) _wrong.Add("an edit afterwards gave other pictures");
        if (failed.IsCompleted) _wrong.Add(await failed);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"hostile soak: {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}; {honest.Count} honest edits among them; "
            + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, {_wrong.Count} not as it must be"));
    }

    private async Task<string> CallAsync(HttpClient http, HostileCalls calls, CancellationToken cancellationToken)
    {
        var (request, name) = calls.Next(http.BaseAddress!);
        using (request)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                using var response = await http.SendAsync(request, cancellationToken);
                var isProblem = response.Content.Headers.ContentType?.MediaType == MediaTypeNames.Application.ProblemJson;
                if ((int)response.StatusCode >= 500) _wrong.Add($"{name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
                else if ((int)response.StatusCode >= 400 && !isProblem && request.Method != HttpMethod.Head && IsRouted(response.StatusCode))
                    _wrong.Add($"{name}: {(int)response.StatusCode} without a problem");
            }
            catch (HttpRequestException exception) when (exception.InnerException is IOException)
            {
                // The server has refused the request and closed before all of it was sent.
            }

            if (Stopwatch.GetElapsedTime(started) > SlowestAnswer) _wrong.Add($"{name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        }

        return "calls";

        // What no function has, the server in front answers.
        static bool IsRouted(HttpStatusCode status) => status is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest);
    }

    private static async Task<string> SendAsync(StorageAccount account, string queue, byte[] message, CancellationToken cancellationToken)
    {
        await account.Queues.GetQueueClient(queue).SendAsync(QueueText.Encode(message.AsSpan(0, Math.Min(message.Length, 40_000))), cancellationToken);
        return $"messages on {queue}";
    }

    // A record that somebody else wrote, with the message that makes a worker read it.
    private static async Task<string> PlantRecordAsync(StorageAccount account, int attack, byte[] record, CancellationToken cancellationToken)
    {
        var id = EditId.Parse($"planted-{attack}");
        await account.Edits.GetBlobClient(StoragePaths.Record(id)).UploadAsync(new BinaryData(record), overwrite: true, cancellationToken);
        await new StageSender(account).SendAsync(id, EditStage.Optimize, cancellationToken);
        return "planted records";
    }

    private static async Task<string> DropAsync(StorageAccount account, int attack, Random random, byte[] content, CancellationToken cancellationToken)
    {
        var (container, name) = random.Next(4) switch
        {
            0 => (account.Batches, $"{attack}.jsonl"),
            1 => (account.Batches, $"{attack}.csv"),
            2 => (account.Uploads, $"{attack}.png.json"),
            _ => (account.Uploads, $"{attack}.png"),
        };
        await container.GetBlobClient(name).UploadAsync(
            new BinaryData(content), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["targettext"] = random.Next(2) == 0 ? "%FF%00" : "a bird", ["settings"] = "{" } }, cancellationToken);
        return "dropped files";
    }

    // A lease on a record that is written all the time, or the loss of a stage's result.
    private static async Task<string> SpoilAsync(StorageAccount account, EditId id, Random random, CancellationToken cancellationToken)
    {
        if (random.Next(2) == 0)
        {
            var lease = account.Edits.GetBlobClient(StoragePaths.Record(id)).GetBlobLeaseClient();
            try
            {
                await lease.AcquireAsync(TimeSpan.FromSeconds(15), cancellationToken: cancellationToken);
                await Task.Delay(TimeSpan.FromSeconds(random.NextDouble()), cancellationToken);
                await lease.ReleaseAsync(cancellationToken: cancellationToken);
            }
            catch (Azure.RequestFailedException exception) when (exception.HasChanged())
            {
                // Not there yet, or leased.
            }

            return "leases on records";
        }

        await foreach (var blob in account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{id}/{EditStage.Optimize.Name()}/", cancellationToken))
            await account.Edits.GetBlobClient(blob.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        return "lost stage results";
    }

    // What a message or file may begin as before it is damaged.
    private static async Task<byte[][]> SeedsAsync(LocalEnvironment environment, ImagicClient client, CancellationToken cancellationToken)
    {
        await HonestAsync(client, "seed", cancellationToken);
        var record = await environment.Account.Edits.GetBlobClient(StoragePaths.Record(EditId.Parse("seed"))).DownloadContentAsync(cancellationToken);
        var queued = JsonNode.Parse(record.Value.Content)!.AsObject();
        (queued["state"], queued["stage"], queued["schema"]) = ("queued", "optimize", 99);
        return
        [
            record.Value.Content.ToArray(), Encoding.UTF8.GetBytes(queued.ToJsonString()),
            "{\"schema\":1,\"editId\":\"seed\",\"stage\":\"optimize\"}"u8.ToArray(), "{\"schema\":1,\"editId\":\"nobody\",\"stage\":99}"u8.ToArray(),
            "{\"source\":\"missing.png\",\"targetText\":\"a bird\"}\n{\"source\":\"..\",\"targetText\":\"\\ud800\"}\n"u8.ToArray(), "source,targetText\nmissing.png,a bird\n"u8.ToArray(),
        ];
    }

    private static byte[] Event(Random random, Mutator mutator)
    {
        var (container, name) = (random.GetItems([.. StoragePaths.Containers, "$logs", "%00"], 1)[0], random.GetItems(["a.png", ".json", "..csv", "%00", "a//b", "..%2F..%2Fx", "a%0D%0Ab"], 1)[0]);
        return random.Next(3) == 0 ? mutator.Next() : Encoding.UTF8.GetBytes(
            $$"""{"eventType":"Microsoft.Storage.BlobCreated","subject":"/blobServices/default/containers/{{container}}/blobs/{{name}}","data":{"url":"http://elsewhere/{{container}}/{{name}}"} }""");
    }

    private static async Task<string> HonestAsync(ImagicClient client, string id, CancellationToken cancellationToken)
    {
        await client.StartAsync(LoadSoak.Request, new MemoryStream(LoadSoak.Picture()), "input.png", EditId.Parse(id), cancellationToken);
        var view = await EndAsync(client, EditId.Parse(id), cancellationToken);
        return view.ResultSha256 ?? throw new InvalidOperationException($"The honest edit '{id}' ended {view.State}: {view.Error?.Message}");
    }

    private static async Task<EditView> EndAsync(ImagicClient client, EditId id, CancellationToken cancellationToken)
    {
        EditView? view = null;
        try
        {
            await MicroEdit.WaitAsync(async () => (view = (await client.GetAsync(id, cancellationToken)).View).State.HasEnded(), cancellationToken);
        }
        catch (TimeoutException)
        {
            // Told by its state.
        }

        return view!;
    }

    // All that the attacks have begun ends, and what cannot be handled lies in poison, where it waits for a person.
    private async Task DrainAsync(StorageAccount account, CancellationToken cancellationToken)
    {
        try
        {
            await MicroEdit.WaitAsync(
                async () =>
                {
                    var waiting = 0;
                    foreach (var queue in StoragePaths.Queues.Where(queue => !queue.EndsWith(StoragePaths.PoisonSuffix, StringComparison.Ordinal)))
                        waiting += (await account.Queues.GetQueueClient(queue).GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
                    return waiting == 0;
                },
                cancellationToken);
        }
        catch (TimeoutException exception)
        {
            _wrong.Add($"messages stay on their queues: {exception.Message}");
        }
    }
}
