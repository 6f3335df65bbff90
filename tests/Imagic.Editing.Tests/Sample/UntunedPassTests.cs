using Imagic.Diffusion.Packages;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using Imagic.Editing.Sample;
using Imagic.Editing.Stages;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Sample;

public class UntunedPassTests
{
    private static readonly long[] Shape = [1, 4, 8, 8];

    public static TheoryData<string, EditMethod> Edits => [.. from model in (string[])["sd1-micro", "sd2-micro", "sdxl-micro"] from method in (EditMethod[])[EditMethod.SdEdit, EditMethod.Ddib] select (model, method)];

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task Run_StoppedAfterEveryStep_GivesTheSameBytes_AndTunesNothing(string model, EditMethod method)
    {
        var settings = Settings(method, [0.5, 1], steps: 3);
        using var whole = new TemporaryFolder();
        var progress = new Recorder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(whole.Path), settings, progress: progress, model: model);
        using var pieces = new TemporaryFolder();
        var store = new FolderCheckpointStore(pieces.Path);

        var stops = 0;
        while (await TinyEdit.RunAsync(store, settings, options: new() { StopAfter = new(EditStage.Sample.Name(), stops) }, model: model) is EditOutcome.Stopped) stops++;

        var steps = progress.Events.OfType<StageEvent.Advanced>().ToList();
        Assert.All(steps, step => Assert.Equal((EditStage.Sample.Name(), steps.Count), (step.Stage, step.Steps)));
        // Two seeds share a batch: 1 + 2 + 3 steps; the way there, then all three strengths together.
        Assert.Equal(6, steps.Count);
        Assert.Equal(steps.Count + 1, stops);
        Assert.Equal(TinyEdit.ResultHashes(whole.Path), TinyEdit.ResultHashes(pieces.Path));
    }

    [Fact]
    public async Task Run_OfOtherSeedsAndStrengths_NamesEveryPicture()
    {
        using var folder = new TemporaryFolder();

        var made = Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path), Settings(EditMethod.SdEdit, [0.5, 1], steps: 2)));

        Assert.Equal(6, made.Pictures.Select(picture => picture.Key).Distinct().Count());
        Assert.Equal([5L, 6L], made.Pictures.Where(picture => picture.Rank > 0).OrderBy(picture => picture.Rank).Select(picture => picture.Key.Seed));
        // The same picture whatever else is made.
        using var other = new TemporaryFolder();
        var alone = Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(
            new FolderCheckpointStore(other.Path), Settings(EditMethod.SdEdit, [1], steps: 2) with { Sample = Settings(EditMethod.SdEdit, [1], steps: 2).Sample with { Seeds = [6] } }));
        var (one, two) = (Of(made, 6, 1), Of(alone, 6, 1));
        Assert.InRange(one.Zip(two, (left, right) => Math.Abs(left - right)).Max(), 0, 1);

        static byte[] Of(EditOutcome.Finished outcome, long seed, double eta) => outcome.Pictures.Single(picture => picture.Key == new ImageKey(seed, new(eta, 0))).Picture.Pixels;
    }

    [Fact]
    public void SdEdit_GoesFurtherFromTheSourceWithEachStrength()
    {
        using var scope = NewDisposeScope();
        using var models = Models();
        using var conditions = Encode(models, _ => StepRandom.Noise(3, "source", 0, Shape, CPU));

        var latents = Sample(models, conditions, Settings(EditMethod.SdEdit, [0.25, 0.5, 0.75, 1], steps: 8, seeds: [5]));

        // η = 0 is a last step, from very little noise.
        float[] distances = [.. Enumerable.Range(0, 5).Select(row => (latents.narrow(0, row, 1) - conditions.Latents).pow(Held(2)).mean().item<float>())];
        Assert.Equal(distances.Order(), distances);
        Assert.InRange(distances[0], 0, distances[^1] / 100);
    }

    [Fact]
    public void SdEdit_OfWhatNoisesToTheStartingNoise_IsTextToImage()
    {
        using var scope = NewDisposeScope();
        using var models = Models();
        var settings = Settings(EditMethod.SdEdit, [1], steps: 4, seeds: [5]);
        var first = (int)models.CreateScheduler(SchedulerType.Ddim, 4).Timesteps[0];
        var alpha = (double)models.Schedule.AlphasCumprod[first];
        // √ᾱ·x₀ + √(1−ᾱ)·ε = ε.
        using var conditions = Encode(models, noise => noise * Held((1 - Math.Sqrt(1 - alpha)) / Math.Sqrt(alpha)));

        var edited = Sample(models, conditions, settings).narrow(0, 1, 1);
        var fromText = Sample(models, conditions, settings with { Sample = settings.Sample with { Method = EditMethod.Imagic } }).narrow(0, 1, 1);

        Assert.Equal(0, (edited - fromText).abs().max().item<float>(), 1e-3);
        Assert.True((edited - conditions.Latents).abs().max().item<float>() > 0.1);
    }

    // The inversion's only error is that the model says other things of neighbouring steps.
    [Fact]
    public void Ddib_WithTheSourceText_GivesTheSourceBackTheBetterTheMoreSteps()
    {
        using var scope = NewDisposeScope();
        using var models = Models();
        using var conditions = Encode(models, _ => StepRandom.Noise(3, "source", 0, Shape, CPU));

        var errors = new[] { 5, 20, 80 }.Select(steps =>
        {
            var latents = Sample(models, conditions, Settings(EditMethod.Ddib, [1], steps));
            return ((latents.narrow(0, 0, 1) - conditions.Latents).pow(Held(2)).mean() / conditions.Latents.pow(Held(2)).mean()).item<float>();
        }).ToArray();

        Assert.Equal(errors.OrderDescending(), errors);
        Assert.InRange(errors[^1], 0, 5e-3);
    }

    private static EditSettings Settings(EditMethod method, double[] etas, int steps, params long[] seeds)
    {
        var settings = TinyEdit.Settings.With(method);
        return settings with
        {
            Suggested = settings.Suggested with { Eta = 1 },
            Sample = settings.Sample with { Etas = [.. etas], Seeds = seeds.Length > 0 ? [.. seeds] : method == EditMethod.Ddib ? [5] : [5, 6], Steps = steps, Scheduler = SchedulerType.Ddim, Batch = 3 },
        };
    }

    private static LoadedModels Models() => new(ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro")), ScalarType.Float32, CPU);

    /// <summary>All pictures as the base made them, (N, C, h, w); the first is that of η = 0.</summary>
    private static Tensor Sample(LoadedModels models, Conditions conditions, EditSettings settings)
    {
        using var stage = new SampleStage(models, new(conditions, conditions.Negative, Tuned: null), settings);
        while (!stage.IsDone) stage.Advance();
        var results = stage.Result();
        results.Single(result => result.Name == "pictures").Value.Dispose();
        return results.Single(result => result.Name == "latents").Value;
    }

    /// <param name="latents">The source's, of the noise that sampling starts from.</param>
    private static Conditions Encode(LoadedModels models, Func<Tensor, Tensor> latents)
    {
        using var noise = StepRandom.Noise(5, "sample", 0, Shape, CPU);
        var (target, negative) = models.EncodeTexts("a cat", "");
        return new()
        {
            Latents = latents(noise).DetachFromDisposeScope(),
            Target = target.Map(part => part.DetachFromDisposeScope()),
            Negative = negative.Map(part => part.DetachFromDisposeScope()),
        };
    }
}
