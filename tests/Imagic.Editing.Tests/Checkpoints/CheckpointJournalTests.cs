using Imagic.Editing.Checkpoints;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Checkpoints;

public class CheckpointJournalTests
{
    private const string Print = "fingerprint";

    [Fact]
    public async Task Publish_ThenFind_GivesTheTensorsBack()
    {
        using var folder = new TemporaryFolder();
        var journal = new CheckpointJournal(new FolderCheckpointStore(folder.Path), epoch: 1);

        await PublishAsync(journal, step: 3, value: 1.5f);

        using var found = await FindAsync(journal);
        Assert.Equal(3, found!.Manifest.Step);
        using var read = found.Read("x", CPU);
        Assert.Equal([1.5f, 1.5f], read.data<float>().ToArray());
    }

    [Fact]
    public async Task Publish_OfAResultThatIsShared_KeepsItUnderItsHashAndFindsItThere()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        var shared = new List<string>();
        var journal = new CheckpointJournal(store, epoch: 1, share: async (sha256, write, token) =>
        {
            shared.Add(sha256);
            await store.CreateAsync($"shared/{sha256}", write, token);
        });
        await PublishAsync(journal, step: 2, value: 1);
        await PublishAsync(journal, step: 3, value: 1.5f, complete: true);

        using var found = await FindAsync(journal);

        var content = await File.ReadAllBytesAsync(Path.Combine(folder.Path, "shared", Assert.Single(shared)));
        Assert.Equal(shared[0], Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
        Assert.Equal(new CheckpointPart($"shared/{shared[0]}", content.Length, shared[0]), Assert.Single(found!.Manifest.Parts));
        using var read = found.Read("x", CPU);
        Assert.Equal([1.5f, 1.5f], read.data<float>().ToArray());
        Assert.Equal(["optimize/0001-000003-result/manifest.json"], await store.ListAsync("optimize/", CancellationToken.None));
    }

    [Fact]
    public async Task Find_OfASharedResultThatIsDamaged_RemovesItSoThatItIsWrittenAgain()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        var journal = new CheckpointJournal(store, epoch: 1, share: (sha256, write, token) => store.CreateAsync($"shared/{sha256}", write, token));
        await PublishAsync(journal, step: 3, value: 1.5f, complete: true);
        var path = Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "shared")));
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        var rejected = new List<string>();

        Assert.Null(await journal.FindAsync("optimize", Print, rejected.Add, CancellationToken.None));

        Assert.Contains("the manifest says", Assert.Single(rejected), StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Publish_Newer_DeletesTheOneBefore()
    {
        using var folder = new TemporaryFolder();
        var journal = new CheckpointJournal(new FolderCheckpointStore(folder.Path), epoch: 1);

        await PublishAsync(journal, step: 3, value: 1);
        await PublishAsync(journal, step: 4, value: 2);

        Assert.Equal(["0001-000004"], Directory.EnumerateDirectories(Path.Combine(folder.Path, "optimize")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Find_WithAnotherFingerprint_FindsNothing()
    {
        using var folder = new TemporaryFolder();
        var journal = new CheckpointJournal(new FolderCheckpointStore(folder.Path), epoch: 1);
        await PublishAsync(journal, step: 3, value: 1);

        Assert.Null(await journal.FindAsync("optimize", "other", Assert.Fail, CancellationToken.None));
    }

    [Fact]
    public async Task Find_AfterALaterEpoch_PrefersIt()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await PublishAsync(new(store, epoch: 9), step: 8, value: 1);
        await PublishAsync(new(store, epoch: 10), step: 2, value: 2);

        using var found = await FindAsync(new(store, epoch: 11));
        Assert.Equal((10, 2), (found!.Manifest.Epoch, found.Manifest.Step));
        Assert.Equal(11, await CheckpointJournal.NextEpochAsync(store, CancellationToken.None));
    }

    [Fact]
    public async Task Find_OfACheckpointAndTheResultOfItsStep_PrefersTheResult()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await PublishAsync(new(store, epoch: 1), step: 3, value: 1);
        // Dies when the result is there and the checkpoint is not deleted yet.
        var dying = new CheckpointJournal(store, epoch: 1, (_, _) => throw new IOException("dead"));
        await Assert.ThrowsAsync<IOException>(() => PublishAsync(dying, step: 3, value: 2, complete: true));

        using var found = await FindAsync(new(store, epoch: 2));

        Assert.True(found!.Manifest.Complete);
    }

    [Fact]
    public async Task Find_WithANewerSchema_RefusesItByName()
    {
        using var folder = new TemporaryFolder();
        var journal = new CheckpointJournal(new FolderCheckpointStore(folder.Path), epoch: 1);
        await PublishAsync(journal, step: 3, value: 1);
        var manifest = Assert.Single(Directory.EnumerateFiles(folder.Path, "manifest.json", SearchOption.AllDirectories));
        var text = await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(manifest, text.Replace("\"schema\": 1", "\"schema\": 2", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var reasons = new List<string>();

        Assert.Null(await journal.FindAsync("optimize", Print, reasons.Add, CancellationToken.None));
        Assert.Contains("schema 2", Assert.Single(reasons), StringComparison.Ordinal);
    }

    // Passed over, it would be lost, and the stage be done again.
    [Fact]
    public async Task Find_OfACheckpointThatCannotBeBrought_IsAFailureAndNoVerdict()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await PublishAsync(new(store, epoch: 1), step: 3, value: 1);

        await Assert.ThrowsAsync<MachineException>(() => FindAsync(new(store, epoch: 2, disk: new(_ => throw new IOException("Input/output error")))));
        for (var call = 2; call <= 3; call++) await Assert.ThrowsAsync<IOException>(() => FindAsync(new(new DyingStore(store, call), epoch: 2)));
        using var found = await FindAsync(new(store, epoch: 2));
        Assert.Equal(3, found!.Manifest.Step);
    }

    [Fact]
    public async Task RemoveUnfinished_AfterAKill_LeavesWhatIsWhole()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await PublishAsync(new(store, epoch: 1), step: 3, value: 1);
        var torn = Path.Combine(folder.Path, "optimize", "0001-000004");
        Directory.CreateDirectory(torn);
        await File.WriteAllTextAsync(Path.Combine(torn, "state.safetensors.partial"), "torn", TestContext.Current.CancellationToken);

        store.RemoveUnfinished();

        Assert.False(Directory.Exists(torn));
        using var found = await FindAsync(new(store, epoch: 2));
        Assert.Equal(3, found!.Manifest.Step);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/tmp/imagic-outside")]
    [InlineData("..")]
    public async Task Find_WithAPartThatLiesElsewhere_PassesItOver(string part)
    {
        using var folder = new TemporaryFolder();
        var journal = new CheckpointJournal(new FolderCheckpointStore(folder.Path), epoch: 1);
        await PublishAsync(journal, step: 3, value: 1);
        var manifest = Assert.Single(Directory.EnumerateFiles(folder.Path, "manifest.json", SearchOption.AllDirectories));
        var text = await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(manifest, text.Replace("\"state.safetensors\"", $"\"{part}\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var reasons = new List<string>();

        Assert.Null(await journal.FindAsync("optimize", Print, reasons.Add, CancellationToken.None));
        Assert.Contains("cannot be the name of a part", Assert.Single(reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_DyingAtAnyStoreCall_LeavesAWholeCheckpoint()
    {
        var calls = 0;
        for (var deadly = 1; ; deadly++)
        {
            using var folder = new TemporaryFolder();
            var store = new FolderCheckpointStore(folder.Path);
            await PublishAsync(new(store, epoch: 1), step: 3, value: 1);
            var dying = new DyingStore(store, deadly);
            try
            {
                await PublishAsync(new(dying, epoch: 2), step: 4, value: 2);
                Assert.True(calls >= 4, $"only {calls} calls were tried");
                return;
            }
            catch (Exception exception) when (exception is IOException or MachineException)
            {
                calls++;
            }

            var survivor = new CheckpointJournal(store, epoch: 3);
            using (var found = await FindAsync(survivor))
            {
                Assert.InRange(found!.Manifest.Step, 3, 4);
                using var read = found.Read("x", CPU);
                Assert.Equal(found.Manifest.Step - 2, read.data<float>().ToArray()[0]);
            }

            await PublishAsync(survivor, step: 5, value: 3);
            Assert.Equal(2, (await store.ListAsync("", CancellationToken.None)).Count);
        }
    }

    private static Task<Checkpoint?> FindAsync(CheckpointJournal journal) =>
        journal.FindAsync("optimize", Print, Assert.Fail, CancellationToken.None);

    private static async Task PublishAsync(CheckpointJournal journal, int step, float value, bool complete = false)
    {
        using var x = full([2], Held(value), dtype: ScalarType.Float32);
        var manifest = new CheckpointManifest { Stage = "optimize", Epoch = 0, Step = step, Complete = complete, Fingerprint = Print, Parts = [] };
        await journal.PublishAsync(manifest, [new("x", x)], CancellationToken.None);
    }

    /// <summary>Carries the calls out until the deadly one, which half happens.</summary>
    private sealed class DyingStore(ICheckpointStore inner, int deadly) : ICheckpointStore
    {
        private int _calls;

        public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
        {
            Count();
            return inner.ListAsync(prefix, cancellationToken);
        }

        public Task CreateAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
            inner.CreateAsync(
                name,
                async (stream, token) =>
                {
                    await stream.WriteAsync("torn"u8.ToArray(), token);
                    Count();
                    stream.SetLength(0);
                    await write(stream, token);
                },
                cancellationToken);

        public Task<string> FetchAsync(string name, CancellationToken cancellationToken)
        {
            Count();
            return inner.FetchAsync(name, cancellationToken);
        }

        public Task DeleteAsync(string name, CancellationToken cancellationToken)
        {
            Count();
            return inner.DeleteAsync(name, cancellationToken);
        }

        private void Count()
        {
            if (++_calls == deadly) throw new IOException("the machine is gone");
        }
    }
}
