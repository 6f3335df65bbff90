using Imagic.Editing.Checkpoints;
using Imagic.Editing.Sample;
using Imagic.Editing.Stages;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Sample;

public class SearchPlanTests
{
    // An alignment that nothing fails, and one that nothing reaches.
    private const double Any = 0, Full = 1;

    public static TheoryData<string, double> Searches => [.. from model in (string[])["sd1-micro", "sdxl-micro", TinyEdit.Cascade] from alignment in (double[])[Any, Full] select (model, alignment)];

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task Run_StoppedAfterEveryStep_GivesTheSameBytes(string model, double alignment)
    {
        using var whole = new TemporaryFolder();
        var progress = new Recorder();
        await TinyEdit.RunAsync(new FolderCheckpointStore(whole.Path), Settings(alignment), progress: progress, model: model);
        using var pieces = new TemporaryFolder();
        var store = new FolderCheckpointStore(pieces.Path);

        var stops = 0;
        while (await TinyEdit.RunAsync(store, Settings(alignment), options: new() { StopAfter = new(EditStage.Sample.Name(), stops) }, model: model) is EditOutcome.Stopped) stops++;

        var steps = progress.Events.OfType<StageEvent.Advanced>().Where(step => step.Stage == EditStage.Sample.Name()).ToList();
        // One more at the end, before the result is taken.
        Assert.Equal(steps.Count + 1, stops);
        Assert.Equal(TinyEdit.ResultHashes(whole.Path), TinyEdit.ResultHashes(pieces.Path));
        // What is left at most never grows, and nothing is left in the end.
        Assert.Equal(steps.Select(step => step.Steps).OrderDescending(), steps.Select(step => step.Steps));
        Assert.All(steps, step => Assert.InRange(step.Step, 1, step.Steps));
        Assert.Equal(steps[^1].Step, steps[^1].Steps);
    }

    [Theory]
    [InlineData("sd1-micro")]
    [InlineData(TinyEdit.Cascade)]
    public async Task Run_KeepsTheSourceAndAnAxisOfEverySeed_AndSuggestsOneOfEach(string model)
    {
        var pictures = await FindAsync(Settings(Any), model);

        Assert.Equal((0, 0, 0, 0), (pictures[0].Key.Strength.Eta, pictures[0].Rank, pictures[0].Found!.Distance, pictures[0].Found!.Alignment));
        Assert.Equal(pictures.Select(picture => picture.Key).Distinct(), pictures.Select(picture => picture.Key));
        foreach (var seed in pictures.Skip(1).GroupBy(picture => picture.Key.Seed))
        {
            Assert.InRange(seed.Count(), 1, StrengthSearch.Kept);
            Assert.Equal(seed.Select(picture => picture.Key.Strength.Eta).Order(), seed.Select(picture => picture.Key.Strength.Eta));
            // The first that reaches nothing at all is the weakest draft.
            var suggested = Assert.Single(seed, picture => picture.Rank > 0);
            Assert.Equal(seed.First(), suggested);
        }

        Assert.Equal([1, 2], pictures.Where(picture => picture.Rank > 0).Select(picture => picture.Rank).Order());
        // Only a cascade's are all made large.
        Assert.All(pictures, picture => Assert.Equal(model != TinyEdit.Cascade && picture.Rank == 0 && picture.Key.Strength.Eta != 0, picture.Found!.IsDraft));
    }

    [Fact]
    public async Task Run_OfASeedTwice_IsThatOfTheSeedOnce()
    {
        var settings = Settings(Any);

        var twice = await FindAsync(settings with { Sample = settings.Sample with { Seeds = [5, 5] } }, "sd1-micro");

        Assert.Equal([5L], twice.Select(picture => picture.Key.Seed).Distinct());
        Assert.Single(twice, picture => picture.Rank > 0);
    }

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.5, 2)]
    public void Batches_GoOnWithSeedsThatAreNotAlike(double apart, int seeds)
    {
        var settings = Settings(0.5);

        var (found, pictures) = Drive(settings, key => key.Strength.Eta + apart * 2 * (key.Seed - 5), key => key.Strength.Eta);

        Assert.Equal(seeds, found.Count(cell => cell.Rank > 0));
        Assert.Equal(seeds + 1, pictures.Count);
        // The first draft of 0.3, 0.6, 0.9 that reaches it, and two more looks before it.
        Assert.All(found.Where(cell => cell.Rank > 0), cell => Assert.InRange(cell.Key.Strength.Eta, 0.5, 0.55));
        Assert.All(found, cell => Assert.InRange(cell.Key.Strength.Eta, 0, 0.9));
    }

    [Fact]
    public void Batches_OfWhatNoStrengthReaches_GoFurtherAndSuggestTheNearest()
    {
        var (found, _) = Drive(Settings(0.5), key => key.Strength.Eta + 9 * (key.Seed - 5), key => key.Strength.Blend == 0 ? 1 : key.Strength.Eta / 10);

        Assert.All(found.Where(cell => cell.Rank > 0), cell => Assert.Equal(0.9 * 4 / 3 * 4 / 3 * 4 / 3, cell.Key.Strength.Eta, 1e-3));
    }

    [Fact]
    public void Found_RanksTheSeedNearestToTheSourceFirst()
    {
        var (found, _) = Drive(Settings(0.5), key => key.Strength.Eta * (7 - key.Seed), key => key.Strength.Eta);

        Assert.Equal([6L, 5L], found.Where(cell => cell.Rank > 0).OrderBy(cell => cell.Rank).Select(cell => cell.Key.Seed));
    }

    // With half the blend the same strength goes further from the source, and shows no more of the text.
    [Fact]
    public void Found_OfSeveralBlends_SuggestsOnePictureOfEachSeed()
    {
        var settings = Settings(0.5);
        settings = settings with { Sample = settings.Sample with { Blends = [0.5, 1] } };

        var (found, pictures) = Drive(settings, key => key.Strength.Eta * (key.Seed == 5 ? 1 : -0.8) * (key.Strength.Blend == 1 ? 0.4 : 0.9), key => key.Strength.Eta);

        Assert.Equal([(6L, 1.0), (5L, 1.0)], found.Where(cell => cell.Rank > 0).OrderBy(cell => cell.Rank).Select(cell => (cell.Key.Seed, cell.Key.Strength.Blend)));
        Assert.Equal(3, pictures.Count);
        Assert.Equal(4, found.Where(cell => cell.Key.Strength.Eta > 0).Select(cell => (cell.Key.Seed, cell.Key.Strength.Blend)).Distinct().Count());
    }

    /// <summary>Goes through a search whose pictures are one grey value each.</summary>
    /// <param name="see">Gives the grey, −1 … 1; the source is 0.</param>
    /// <param name="gain">How much better the text explains it; the source has 0.</param>
    private static (IReadOnlyList<FoundCell> Found, IReadOnlyList<ImageKey> Pictures) Drive(EditSettings settings, Func<ImageKey, double> see, Func<ImageKey, double> gain)
    {
        using var scope = NewDisposeScope();
        var plan = new SearchPlan(settings, refinesAll: false);
        using var facts = new SearchFacts(new SmallPictureSpace(4), Grey(0)) { Reference = plan.Reference };
        var pictures = new List<ImageKey>();
        var drafts = new HashSet<ImageKey>();
        foreach (var (kind, keys) in plan.Batches(facts).SelectMany(batches => batches.ToList()))
        {
            switch (kind)
            {
                case SampleKind.Draft:
                    Assert.All(keys, key => Assert.True(drafts.Add(key)));
                    facts.AddDrafts(keys, cat([.. keys.Select(key => Grey(see(key)))]));
                    break;
                case SampleKind.Alignment:
                    double[] gains = [0, .. keys.Select(gain)];
                    facts.AddGains(keys, tensor(gains, dtype: ScalarType.Float64).expand([StrengthSearch.Looks, gains.Length]).contiguous());
                    break;
                default: pictures.AddRange(keys); break;
            }
        }

        Assert.All(drafts.CountBy(key => (key.Seed, key.Strength.Blend)), row => Assert.InRange(row.Value, 1, settings.Sample.Search!.Renders));
        return (plan.Found(facts), pictures);

        static Tensor Grey(double value) => full([1, 3, 1, 1], Held((float)value));
    }

    private static EditSettings Settings(double alignment) => TinyEdit.Settings with
    {
        Sample = TinyEdit.Settings.Sample with { Seeds = [5, 6], Etas = [0.9], Blends = [0.5], Search = new() { Renders = 6, Steps = 2, Alignment = alignment } },
        Suggested = new(0.9, 0.5),
    };

    private static async Task<IReadOnlyList<EditedImage>> FindAsync(EditSettings settings, string model)
    {
        using var folder = new TemporaryFolder();
        return Assert.IsType<EditOutcome.Finished>(await TinyEdit.RunAsync(new FolderCheckpointStore(folder.Path), settings, model: model)).Pictures;
    }
}
