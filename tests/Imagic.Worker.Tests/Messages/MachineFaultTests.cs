using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Editing;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Worker.Tests.Messages;

/// <summary>A worker without disk, memory or device: the edit is not touched, the worker ends.</summary>
public class MachineFaultTests(AzuriteFixture azurite)
{
    // A message that does not go back at once is not seen in time.
    private static readonly WorkerOptions Patient = MicroEdit.Options with { Visibility = TimeSpan.FromMinutes(10) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OnADiskThatFillsUp_EndsTheWorkerAndLeavesTheEditToOthers()
    {
        var expected = await Undisturbed.ResultAsync(azurite);
        var edit = await StartAsync();
        await edit.RunAsync(Token, Patient with { Stages = [EditStage.Optimize] }, until: record => record.Stage == EditStage.FineTune);
        using (var full = edit.NewWorker(Patient, disk: new(FullFrom("shared"))))
        {
            var fault = await Assert.ThrowsAsync<MachineException>(() => full.RunAsync(Token));
            Assert.Equal("local-disk", fault.Code);
        }

        var record = await edit.RecordAsync(Token);
        Assert.Equal((EditState.Queued, EditStage.FineTune, null, 0, 1), (record.State, record.Stage, record.Claim, record.Attempts, record.MachineFaults));
        record = await edit.RunAsync(Token, Patient);
        Assert.Equal((EditState.Succeeded, expected, 0), (record.State, record.ResultSha256, record.MachineFaults));
    }

    [Fact]
    public async Task Run_WithoutRoomForItsFolder_EndsBeforeItTakesAMessage()
    {
        var edit = await StartAsync();
        using var full = edit.NewWorker(Patient, disk: new(FullFrom("edits")));

        await Assert.ThrowsAsync<MachineException>(() => full.RunAsync(Token));

        Assert.Equal((EditState.Queued, 0), (await edit.RecordAsync(Token)) is var record ? (record.State, record.Epoch) : default);
    }

    // The limit of the size of a file stands for a full disk: writes beyond it fail.
    [Theory]
    [InlineData(512)]
    [InlineData(1100)]
    public async Task Run_OfARealProcessThatCannotWrite_ExitsWith75(int kibibytes)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        await new Worker.Models.ModelStore(account).PushAsync(
            "starter", Diffusion.Packages.ModelPackage.Open(RepositoryFiles.Fixture("starter-64")), progress: null, Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, model: "starter");
        using var cache = new TemporaryFolder();

        await using var worker = WorkerProcess.StartOnFullDisk(options, kibibytes, "--cache", cache.Path);

        Assert.Equal(75, await worker.EndAsync(Token));
        Assert.Contains(worker.Lines, line => line.StartsWith("imagic-worker: The disk of this machine", StringComparison.Ordinal));
        var record = await edit.RecordAsync(Token);
        Assert.Equal((EditState.Queued, null, 0), (record.State, record.Claim, record.Attempts));
    }

    [Fact]
    public async Task Run_ByWorkersThatAllLackMemory_FailsTheEditInTheEndWithTheReason()
    {
        var edit = await StartAsync();
        var options = Patient with { MaxMachineFaults = 3, AttemptBackoff = TimeSpan.FromMilliseconds(1) };
        for (var i = 0; i < options.MaxMachineFaults; i++)
        {
            using var worker = edit.NewWorker(options, observer: new DeviceFault(1));
            await Assert.ThrowsAsync<MachineException>(() => worker.RunAsync(Token));
        }

        var record = await edit.RecordAsync(Token);
        Assert.Equal((EditState.Failed, "no-worker", 3), (record.State, record.Error!.Code, record.Epoch));
        Assert.Contains("Tried to allocate 2.00 GiB", record.Error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await edit.MessagesAsync("stage-optimize-poison", Token));
    }

    private async Task<MicroEdit> StartAsync() => await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token);

    private static Action<string> FullFrom(string name) => path =>
    {
        if (path.Contains($"/{name}", StringComparison.Ordinal)) throw new IOException("No space left on device");
    };
}
