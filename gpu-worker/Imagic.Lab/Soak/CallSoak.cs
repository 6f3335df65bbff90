using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts.Edits;

namespace Imagic.Lab.Soak;

/// <summary>What StartEdit and GetEdit cost by the number of clients, without a worker and beside one that works the edits off.</summary>
/// <param name="output">Where the figures go.</param>
internal sealed class CallSoak(TextWriter output)
{
    /// <summary>Starts of a round: few enough for three rounds to stay below the limit of edits under way.</summary>
    public const int MostStarts = 200;

    private const int ReadsPerStart = 2;
    private const int WarmUps = 20;

    private static readonly int[] Clients = [1, 16, 64];

    /// <param name="options">A pipeline that does not run yet.</param>
    /// <param name="request">The edit to start.</param>
    /// <param name="picture">Its picture.</param>
    /// <param name="starts">Starts of a round; reads are twice as many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(LocalEnvironmentOptions options, EditRequest request, byte[] picture, int starts, CancellationToken cancellationToken)
    {
        using var log = new FileLog(Path.Combine(options.DataFolder, "up.log"), TimeProvider.System);
        await using var environment = await LocalEnvironment.StartAsync(options, log, TimeProvider.System, cancellationToken);
        using var client = new ImagicClient(new() { Address = options.Address });
        await Latencies.MeasureAsync(1, WarmUps, (i, token) => StartAsync("warm", i, token), cancellationToken);
        foreach (var clients in Clients)
        {
            var name = $"clients-{clients}";
            Tell("StartEdit", clients, await Latencies.MeasureAsync(clients, starts, (i, token) => StartAsync(name, i, token), cancellationToken));
            Tell("GetEdit", clients, await Latencies.MeasureAsync(
                clients, ReadsPerStart * starts, (i, token) => client.GetAsync(Id(name, i % starts), token), cancellationToken));
        }

        Task StartAsync(string name, int i, CancellationToken token) => client.StartAsync(request, new MemoryStream(picture), "input.png", Id(name, i), token);

        void Tell(string call, int clients, Latencies latencies) =>
            output.WriteLine($"{call}, {clients} clients, {(options.Workers == 0 ? "no worker" : $"{options.Workers} busy worker")}: {latencies}");
    }

    private static EditId Id(string name, int i) => EditId.Parse($"{name}-{i}");
}
