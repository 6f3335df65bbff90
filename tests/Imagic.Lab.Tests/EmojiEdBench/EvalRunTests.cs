using Imagic.Editing;
using Imagic.Lab.DataSet;
using Imagic.Lab.EmojiEdBench;
using Imagic.Tests;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class EvalRunTests
{
    [Fact]
    public async Task Run_StoppedInTheMiddleAndRunAgain_GivesTheSameBytes()
    {
        using TemporaryFolder data = new(), whole = new(), pieces = new();
        TinyBench.WriteData(data.Path);
        await RunAsync(data, whole, Shard.Whole);

        var stops = 0;
        while (true)
        {
            using var cancellation = new CancellationTokenSource();
            try
            {
                await RunAsync(data, pieces, Shard.Whole, new CancelAfter(5, cancellation), cancellation.Token);
                break;
            }
            catch (OperationCanceledException) when (++stops < 40)
            {
            }
        }

        Assert.True(stops > 2, $"only {stops} runs were stopped");
        Assert.Equal(Results(whole), Results(pieces));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(pieces.Path, "work")));
    }

    [Fact]
    public async Task Run_InTwoShards_FillsTheSameFolder()
    {
        using TemporaryFolder data = new(), whole = new(), shards = new();
        TinyBench.WriteData(data.Path);
        await RunAsync(data, whole, Shard.Whole);

        await RunAsync(data, shards, new(2, 2));
        Assert.Single(Results(shards));
        Assert.Equal("one", (await MissingAsync(data, shards, TinyBench.Plan))?.Id);
        await RunAsync(data, shards, new(1, 2));

        Assert.Equal(Results(whole), Results(shards));
        Assert.Null(await MissingAsync(data, shards, TinyBench.Plan));
    }

    [Fact]
    public async Task Run_OfWhatIsThere_ComputesNothing_AndWithOtherSettingsAnew()
    {
        using TemporaryFolder data = new(), folder = new();
        TinyBench.WriteData(data.Path);
        await RunAsync(data, folder, Shard.Whole);
        var progress = new Recorder();

        await RunAsync(data, folder, Shard.Whole, progress);

        Assert.Equal([1, 2], progress.Done);
        Assert.Equal("one", (await MissingAsync(data, folder, new(TinyBench.Edits, TinyBench.Settings with { Seed = 8 }, [0.5])))?.Id);
    }

    [Fact]
    public void Check_OfAnEditTheDataSetCannotDo_SaysWhichAndWhatToDo()
    {
        using TemporaryFolder data = new();
        var pictures = new BenchImages(TinyBench.WriteData(data.Path));
        var edit = TinyBench.Edits[0];

        pictures.Check(TinyBench.Edits);
        var missing = Assert.Throws<DataSetException>(() => pictures.Check([edit with { Target = new("3d", "red circle") }]));
        var trained = Assert.Throws<DataSetException>(() => pictures.Check([edit with { Source = new("blob", "red heart") }]));

        Assert.Contains("'red circle' of the style 3d", missing.Message, StringComparison.Ordinal);
        Assert.Contains("trains on", trained.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1/1", 1, 1)]
    [InlineData("3/4", 3, 4)]
    public void Shard_ReadsIndexAndCount(string text, int index, int count)
    {
        Assert.True(Shard.TryParse(text, out var shard));
        Assert.Equal(new Shard(index, count), shard);
        Assert.Single(Enumerable.Range(0, count), shard.Has);
    }

    [Theory]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("2")]
    [InlineData("a/b")]
    public void Shard_RefusesWhatIsNone(string text) => Assert.False(Shard.TryParse(text, out _));

    private static async Task RunAsync(
        TemporaryFolder data, TemporaryFolder folder, Shard shard, IProgress<EvalProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var models = TinyBench.LoadModels(); // its own, as a new process would
        await Create(data, folder, models, TinyBench.Plan).RunAsync(shard, progress ?? new Recorder(), cancellationToken);
    }

    private static async Task<BenchEdit?> MissingAsync(TemporaryFolder data, TemporaryFolder folder, EvalPlan plan)
    {
        using var models = TinyBench.LoadModels();
        return await Create(data, folder, models, plan).FindMissingAsync(TestContext.Current.CancellationToken);
    }

    private static EvalRun Create(TemporaryFolder data, TemporaryFolder folder, LoadedModels models, EvalPlan plan) =>
        new(models, new(DataSetReader.Open(data.Path)), plan, new(folder.Path, KeepTuned: false, new()), TimeProvider.System);

    private static IEnumerable<(string, string)> Results(TemporaryFolder folder) =>
        from file in Directory.EnumerateFiles(Path.Combine(folder.Path, "edits"))
        orderby file
        select (Path.GetFileName(file), Convert.ToBase64String(File.ReadAllBytes(file)));

    private sealed class Recorder : IProgress<EvalProgress>
    {
        public List<double> Done { get; } = [];

        public void Report(EvalProgress value) => Done.Add(value.Done);
    }

    private sealed class CancelAfter(int reports, CancellationTokenSource cancellation) : IProgress<EvalProgress>
    {
        private int _left = reports;

        public void Report(EvalProgress value)
        {
            if (--_left == 0) cancellation.Cancel();
        }
    }
}
