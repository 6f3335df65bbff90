using Imagic.Editing.Checkpoints;
using Imagic.Editing.Memory;
using Imagic.Editing.Stages;
using Imagic.Tests;

namespace Imagic.Editing.Tests;

public class EditRunnerTests
{
    private static (EditStage Stage, int Steps)[] PlanOf(string model) => model == TinyEdit.Cascade
        ? [(EditStage.Optimize, 4), (EditStage.FineTune, 3), (EditStage.FineTuneSuperResolution, 3), (EditStage.Sample, 10)]
        : [(EditStage.Optimize, 4), (EditStage.FineTune, 3), (EditStage.Sample, 8)];

    [Fact]
    public async Task Run_Undisturbed_GivesAllPicturesAndLosses()
    {
        using var folder = new TemporaryFolder();

        var outcome = await TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path));

        var finished = Assert.IsType<EditOutcome.Finished>(outcome);
        Assert.Equal(
            [new(5, new(0, 1)), new(5, new(0.8, 1)), new(5, new(0, 0.5)), new(5, new(0.8, 0.5))],
            finished.Pictures.Select(picture => picture.Key));
        Assert.All(finished.Pictures, picture => Assert.Equal((32, 24), (picture.Picture.Width, picture.Picture.Height)));
        Assert.Equal(4, finished.Pictures.Select(picture => Convert.ToBase64String(picture.Picture.Pixels)).Distinct().Count());
        Assert.Equal(4, finished.Losses[EditStage.Optimize].Length);
        Assert.Equal(3, finished.Losses[EditStage.FineTune].Length);
    }

    private static readonly Dictionary<string, EditSettings> Tunings = new()
    {
        ["full"] = TinyEdit.Settings,
        ["kv"] = TinyEdit.Settings with { FineTune = new(3, 1e-3) { Tuning = Tuning.KeysAndValues } },
        ["lora"] = TinyEdit.Settings with { FineTune = new(3, 1e-3) { Tuning = Tuning.Lora, Rank = 2 } },
        ["full in 8 bits"] = TinyEdit.Settings with { FineTune = new(3, 1e-3) { Optimizer = Optimizer.AdamW8Bit } },
        ["lora in parts"] = TinyEdit.Settings with
        {
            Optimize = new(4, 1e-2) { Batch = 2, Accumulate = 2 },
            FineTune = new(3, 1e-3) { Tuning = Tuning.Lora, Rank = 2, Batch = 4, Accumulate = 2 },
        },
    };

    public static TheoryData<string, string> Kinds =>
        [.. from tuning in Tunings.Keys from model in (string[])["sd1-micro", "sdxl-micro", TinyEdit.Cascade] select (tuning, model)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Run_StoppedAfterEverySingleStep_GivesTheSameBytes(string tuning, string model)
    {
        var settings = Tunings[tuning];
        using var whole = new TemporaryFolder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(whole.Path), settings, model: model);
        using var pieces = new TemporaryFolder();
        var store = new FolderCheckpointStore(pieces.Path);

        foreach (var (stage, steps) in PlanOf(model))
        {
            for (var step = 0; step <= steps; step++)
            {
                var outcome = await TinyEdit.RunAsync(store, settings, options: new() { StopAfter = new(stage.Name(), step) }, model: model);
                Assert.Equal(new EditOutcome.Stopped(stage, step), outcome);
            }
        }

        Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(store, settings, model: model));
        Assert.Equal(PlanOf(model).Length, TinyEdit.ResultHashes(whole.Path).Count);
        Assert.Equal(TinyEdit.ResultHashes(whole.Path), TinyEdit.ResultHashes(pieces.Path));
    }

    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sdxl-micro")]
    [InlineData(TinyEdit.Cascade)]
    public async Task Run_OfAnotherSentenceOnATuning_KeepsTheSourceAtEtaZeroAndIsTheSameStoppedAfterEveryStep(string model)
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        var first = Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(store, model: model));
        var other = TinyEdit.Settings with { TargetText = "a photo of a fish", Tuned = TinyEdit.Settings.TuningTexts };
        foreach (var step in Enumerable.Range(0, PlanOf(model)[^1].Steps))
            await TinyEdit.RunAsync(store, other, options: new() { StopAfter = new(EditStage.Sample.Name(), step) }, model: model);
        var pieces = Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(store, other, model: model));
        var tuning = new Recorder();
        var whole = Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(
            store, other with { Sample = other.Sample with { Guidance = other.Sample.Guidance + 1 } }, progress: tuning, model: model));

        Assert.Equal([.. PlanOf(model)[..^1].Select(stage => stage.Stage.Name())], tuning.Events.OfType<StageEvent.Reused>().Select(reused => reused.Stage));
        Assert.NotEqual(Pixels(first), Pixels(pieces));
        // Without guidance e = e_opt is all that the base sees; a cascade's super-resolution sees the sentence.
        var unguided = TinyEdit.Settings with { Sample = TinyEdit.Settings.Sample with { Guidance = 1 } };
        var (old, young) = (await RunAsync(unguided), await RunAsync(unguided with { TargetText = other.TargetText, Tuned = other.Tuned }));
        foreach (var (before, after) in old.Pictures.Zip(young.Pictures).Where(pair => pair.First.Key.Strength.Eta == 0))
            Assert.Equal((before.Small ?? before.Picture).Pixels, (after.Small ?? after.Picture).Pixels);
        using var again = new TemporaryFolder();
        Assert.Equal(Pixels(pieces), Pixels(Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(new FolderCheckpointStore(again.Path), other, model: model))));
        Assert.NotEqual(Pixels(pieces), Pixels(whole));

        async Task<EditOutcome.Finished> RunAsync(EditSettings settings) => Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(store, settings, model: model));
    }

    private static string[] Pixels(EditOutcome.Finished edit) => [.. edit.Pictures.Select(picture => Convert.ToBase64String(picture.Picture.Pixels))];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Run_ThatRecomputes_GivesTheSameBytes(string tuning, string model)
    {
        var settings = Tunings[tuning];
        using var keeping = new TemporaryFolder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(keeping.Path), settings, options: new() { Memory = new() { Checkpointing = Saving.Off, Offload = Saving.Off } }, model: model);
        using var recomputing = new TemporaryFolder();

        var outcome = await TinyEdit.RunAsync(new FolderCheckpointStore(recomputing.Path), settings, options: new() { Memory = new() { Checkpointing = Saving.On, Offload = Saving.On } }, model: model);

        Assert.IsType<EditOutcome.Finished>(outcome);
        Assert.Equal(TinyEdit.ResultHashes(keeping.Path), TinyEdit.ResultHashes(recomputing.Path));
    }

    [Fact]
    public async Task Run_WithACascade_GivesTheSmallPicturesToo()
    {
        using var folder = new TemporaryFolder();

        var outcome = await TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path), model: TinyEdit.Cascade);

        var finished = Assert.IsType<EditOutcome.Finished>(outcome);
        Assert.All(finished.Pictures, picture => Assert.Equal((32, 24, 16, 12), (picture.Picture.Width, picture.Picture.Height, picture.Small!.Width, picture.Small.Height)));
        Assert.Equal(4, finished.Pictures.Select(picture => Convert.ToBase64String(picture.Small!.Pixels)).Distinct().Count());
        Assert.Equal([EditStage.Optimize, EditStage.FineTune, EditStage.FineTuneSuperResolution], finished.Losses.Keys);
        Assert.Equal(3, finished.Losses[EditStage.FineTuneSuperResolution].Distinct().Count());
    }

    [Fact]
    public async Task Run_OfACascadeWithOtherSamplingOfSuperResolution_TunesNothingAgain()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await TinyEdit.RunAsync(store, model: TinyEdit.Cascade);
        var progress = new Recorder();

        await TinyEdit.RunAsync(store, progress: progress, model: TinyEdit.Cascade, change: settings => settings with
        {
            SuperResolution = settings.SuperResolution! with { NoiseLevel = 100 },
        });

        Assert.All(progress.Events.OfType<StageEvent.Advanced>(), advanced => Assert.Equal("sample", advanced.Stage));
        Assert.Equal(["optimize", "finetune", "finetune-sr"], progress.Events.OfType<StageEvent.Reused>().Select(reused => reused.Stage));
    }

    // The paper's ablation in small: what keeps the source's details is super-resolution's own tuning.
    [Fact]
    public async Task Run_OfACascadeWithoutTuningSuperResolution_GivesTheSourceBackWorse()
    {
        var settings = TinyEdit.Settings with
        {
            Optimize = new(20, 1e-3) { Batch = 4 },
            FineTune = new(150, 2e-3) { Batch = 4 },
            Sample = TinyEdit.Settings.Sample with { Etas = [0], Blends = [1], Guidance = 1, Steps = 10 },
            Suggested = new(0, 1),
        };

        // The base is tuned once: its results are used again.
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        var (tuned, untuned) = (await ErrorAsync(150), await ErrorAsync(0));

        Assert.True(tuned < untuned * 0.7, $"{tuned} with tuned super-resolution, {untuned} without");

        async Task<double> ErrorAsync(int steps)
        {
            var outcome = await TinyEdit.RunAsync(store, settings, model: TinyEdit.Cascade, change: settings => settings with
            {
                SuperResolution = settings.SuperResolution! with { FineTune = new(steps, 2e-3) { Batch = 4 }, Steps = 10, Guidance = 1 },
            });
            var picture = Assert.Single(Assert.IsType<EditOutcome.Finished>(outcome).Pictures).Picture;
            return Math.Sqrt(picture.Pixels.Zip(TinyEdit.Source.Pixels, (a, b) => (double)(a - b) * (a - b)).Average());
        }
    }

    [Theory]
    [InlineData("if-cascade", "paper-imagen")]
    [InlineData("sd1-micro", "for pixel cascades")]
    public async Task Run_WithTheSettingsOfAnotherKindOfModel_IsRefused(string model, string reason)
    {
        using var folder = new TemporaryFolder();
        var super = model == TinyEdit.Cascade ? null : new SuperResolutionSettings { FineTune = new(3, 1e-3) };

        var exception = await Assert.ThrowsAsync<EditSettingsException>(() => TinyEdit.RunAsync(
            new FolderCheckpointStore(folder.Path), model: model, change: settings => settings with { SuperResolution = super }));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CancelledAtAnyEvent_GoesOnToTheSameBytes()
    {
        using var whole = new TemporaryFolder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(whole.Path));
        using var pieces = new TemporaryFolder();
        var store = new FolderCheckpointStore(pieces.Path);

        // Each run is cancelled by its third event, so most of them do one or two steps.
        EditOutcome outcome;
        var runs = 0;
        do
        {
            using var cancellation = new CancellationTokenSource();
            outcome = await TinyEdit.RunAsync(store, progress: new CancelAfter(3, cancellation), cancellationToken: cancellation.Token);
        }
        while (outcome is EditOutcome.Stopped && ++runs < 40);

        Assert.IsType<EditOutcome.Finished>(outcome);
        Assert.True(runs > 4, $"only {runs} runs were stopped");
        Assert.Equal(TinyEdit.ResultHashes(whole.Path), TinyEdit.ResultHashes(pieces.Path));
    }

    [Fact]
    public async Task Run_WithCheckpointsAllTheTime_GivesTheSameBytesAndLeavesOnlyResults()
    {
        using var plain = new TemporaryFolder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(plain.Path));
        using var busy = new TemporaryFolder();
        var progress = new Recorder();

        await TinyEdit.RunAsync(
            new FolderCheckpointStore(busy.Path), options: new() { Checkpoints = new CheckpointPolicy.Fixed(TimeSpan.Zero), PreviewInterval = 1 }, progress: progress);

        Assert.Equal(TinyEdit.ResultHashes(plain.Path), TinyEdit.ResultHashes(busy.Path));
        Assert.NotEmpty(progress.Events.OfType<StageEvent.Checkpointed>());
        Assert.Equal(7, progress.Events.OfType<StageEvent.Reconstructed>().Count());
    }

    [Fact]
    public async Task Run_WithAnotherEta_TunesNothingAgain()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await TinyEdit.RunAsync(store);
        var progress = new Recorder();

        var other = TinyEdit.Settings with { Sample = TinyEdit.Settings.Sample with { Etas = [0.5] }, Suggested = new(0.5, 1) };
        var outcome = await TinyEdit.RunAsync(store, other, progress: progress);

        Assert.Contains(new(5, new(0.5, 1)), Assert.IsType<EditOutcome.Finished>(outcome).Pictures.Select(picture => picture.Key));
        Assert.All(progress.Events.OfType<StageEvent.Advanced>(), advanced => Assert.Equal("sample", advanced.Stage));
        Assert.Equal(
            ["optimize", "finetune"], progress.Events.OfType<StageEvent.Reused>().Select(reused => reused.Stage));
    }

    [Fact]
    public async Task Run_WithAnotherText_StartsAnew()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await TinyEdit.RunAsync(store);
        var progress = new Recorder();

        await TinyEdit.RunAsync(store, TinyEdit.Settings with { TargetText = "a cat" }, progress: progress);

        Assert.Equal(7, progress.Events.OfType<StageEvent.Advanced>().Count(advanced => advanced.Stage != "sample"));
    }

    [Fact]
    public async Task Run_WithADamagedCheckpoint_SaysSoAndStillGivesTheSameBytes()
    {
        using var whole = new TemporaryFolder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(whole.Path));
        using var folder = new TemporaryFolder();
        var store = new FolderCheckpointStore(folder.Path);
        await TinyEdit.RunAsync(store, options: new() { StopAfter = new("finetune", 2) });
        var file = Assert.Single(Directory.EnumerateFiles(Path.Combine(folder.Path, "finetune"), "state.safetensors", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^5] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var progress = new Recorder();

        await TinyEdit.RunAsync(store, progress: progress);

        Assert.Contains("SHA-256", Assert.Single(progress.Events.OfType<StageEvent.Notice>()).Text, StringComparison.Ordinal);
        Assert.Equal(TinyEdit.ResultHashes(whole.Path), TinyEdit.ResultHashes(folder.Path));
    }

    [Fact]
    public async Task Run_ThatDiverges_SaysWhichStageAndWhatToDo()
    {
        using var folder = new TemporaryFolder();
        var settings = TinyEdit.Settings with { FineTune = new(60, 1) };

        var exception = await Assert.ThrowsAsync<EditException>(() => TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path), settings));

        Assert.Contains("finetune", exception.Message, StringComparison.Ordinal);
        Assert.Contains("learning rate", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Run_Twice_LeaksNoTensors(string tuning, string model)
    {
        var settings = Tunings[tuning];
        using var warmUp = new TemporaryFolder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(warmUp.Path), settings, model: model);
        var before = TorchSharp.torch.Tensor.TotalCount;

        using var folder = new TemporaryFolder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path), settings, options: new() { Memory = new() { Checkpointing = Saving.On, Offload = Saving.On } }, model: model);

        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
    }

    private sealed class CancelAfter(int events, CancellationTokenSource cancellation) : IProgress<StageEvent>
    {
        private int _seen;

        public void Report(StageEvent value)
        {
            if (value is StageEvent.Advanced or StageEvent.Started && ++_seen == events) cancellation.Cancel();
        }
    }
}
