using Imagic.Contracts.Edits;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Editing.Stages;
using Imagic.Storage;
using Imagic.Worker;
using Microsoft.Extensions.Logging;

namespace Imagic.Lab.Soak;

/// <summary>
/// Lets a worker's disk be full from each of its calls on, and its device be out of memory from each event of a stage on,
/// one run each. The worker must end and leave the edit as it was, and the next one come to the same bytes.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="logger">Hears what workers say.</param>
/// <param name="output">Where the figures go.</param>
public sealed class MachineFaultSoak(StorageAccount account, ILogger logger, TextWriter output)
{
    private const string Model = "from-storage";

    // A message that does not go back at once is missed.
    private static readonly WorkerOptions Options = MicroEdit.Options with { Visibility = TimeSpan.FromMinutes(10) };

    /// <param name="every">1 takes each call and event; 7 every seventh.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all runs ended as they must.</returns>
    public async Task<bool> RunAsync(int every, CancellationToken cancellationToken)
    {
        await account.EnsureCreatedAsync(cancellationToken);
        // From storage, so that the disk of the models fails too.
        var package = ModelPackage.Open(Path.Combine(MicroEdit.ModelsFolder, MicroEdit.Model));
        await new ModelStore(account).PushAsync(Model, package, progress: null, cancellationToken);
        var (disk, device) = (new FullDisk(int.MaxValue), new DeviceFault(int.MaxValue));
        var (expected, _) = await RunAsync("machine-whole", disk, device, cancellationToken);
        output.WriteLine($"undisturbed edit: {disk.Calls} calls of the disk, {device.Events} events of stages, result {expected.ResultSha256}");

        var (runs, bad) = (0, 0);
        for (var i = 1; i <= disk.Calls; i += every) await CheckAsync($"disk-{i}", new(i), new(int.MaxValue));
        for (var i = 1; i <= device.Events; i += every) await CheckAsync($"device-{i}", new(int.MaxValue), new(i));
        output.WriteLine($"machine soak: {runs} runs, {bad} not as they must be");
        return bad == 0;

        async Task CheckAsync(string id, FullDisk full, DeviceFault failing)
        {
            runs++;
            var (record, wrong) = await RunAsync(id, full, failing, cancellationToken);
            if (record.State != EditState.Succeeded) wrong.Add($"it ended {record.State}: {record.Error?.Message}");
            if (record.ResultSha256 != expected.ResultSha256) wrong.Add($"the result is {record.ResultSha256}");
            if (wrong.Count == 0) return;
            bad++;
            output.WriteLine($"{id}: {string.Join("; ", wrong)}");
        }
    }

    private async Task<(EditRecord Record, List<string> Wrong)> RunAsync(string id, FullDisk full, DeviceFault failing, CancellationToken cancellationToken)
    {
        var cache = Directory.CreateTempSubdirectory("imagic-machine-soak-").FullName;
        try
        {
            var options = Options with { CacheFolder = cache };
            var edit = await MicroEdit.StartAsync(account, logger, cancellationToken, id, model: Model);
            var wrong = new List<string>();
            EditRecord record;
            try
            {
                record = await RunAsync(edit, options, new(full.Check), failing, cancellationToken);
            }
            catch (MachineException)
            {
                record = await edit.RecordAsync(cancellationToken);
                if (record is not { State: EditState.Queued, Claim: null, Attempts: 0 }) wrong.Add($"it was left {record.State} by {record.Claim?.Worker} after {record.Attempts} attempts");
                // In the same cache: what the full disk has left must do no harm.
                record = await RunAsync(edit, options, new(), new DeviceFault(int.MaxValue), cancellationToken);
            }

            wrong.AddRange(await edit.LeftoversAsync(record, cancellationToken));
            if (Directory.EnumerateFileSystemEntries(Path.Combine(cache, "edits")).Any()) wrong.Add("the folder of a worker is left");
            return (record, wrong);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    private static async Task<EditRecord> RunAsync(MicroEdit edit, WorkerOptions options, LocalDisk disk, IProgress<StageEvent> observer, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var worker = edit.NewWorker(options, observer: observer, disk: disk);
        var running = worker.RunAsync(stop.Token);
        var record = await edit.WaitAsync(record => record.HasEnded(), cancellationToken, running);
        await stop.CancelAsync();
        await running;
        return record;
    }

    private sealed class FullDisk(int from)
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public void Check(string path)
        {
            if (Interlocked.Increment(ref _calls) >= from) throw new IOException($"No space left on device : '{path}' (injected)");
        }
    }
}
