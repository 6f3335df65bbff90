using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Results;

public class PictureSettingsTests
{
    private static readonly ImmutableArray<string> Profiles = [.. EditProfile.All.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Of_AnySettings_TellsWhatResolvesToThem() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => AssertComesBack(Started(new(seed)), "any"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Of_AnySettingsThatSampleATuningAgain_TellsWhatResolvesToThem() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var tuned = Started(random);
            var again = Sampling(random, tuned.Profile).ResolveAgain(tuned, random.Next(2) == 0 ? "a running dog" : null);
            AssertComesBack(again, "any");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Of_EveryProfileAsItIs_TellsWhatResolvesToIt() => Assert.All(Profiles, name => AssertComesBack(EditProfile.All[name].For("a dog"), name));

    [Fact]
    public void Json_NamesNeitherTheEditNorATime_AndTheTuningsTextsWhereTheyAreOthers()
    {
        var settings = new EditOverrides { Etas = [0.5] }.Resolve("собака", "emoji-64");

        var told = JsonNode.Parse(PictureSettings.Of(settings, "emoji-64", null, 7, new(0.5, 1)).ToJson())!.AsObject();
        var again = JsonNode.Parse(PictureSettings.Of(new EditOverrides().ResolveAgain(settings, "a cat"), "emoji-64", new(64, 128), 7, new(0.5, 1)).ToJson())!;

        Assert.Equal(["schema", "targetText", "model", "settings", "picture"], told.Select(member => member.Key));
        Assert.Equal((1, "собака", "emoji-64"), ((int?)told["schema"], (string?)told["targetText"], (string?)told["model"]));
        Assert.Equal("""{"seed":7,"eta":0.5,"blend":1}""", told["picture"]!.ToJsonString());
        Assert.Equal(("a cat", "собака", 128), ((string?)again["targetText"], (string?)again["tuned"]!["targetText"], (int?)again["size"]!["height"]));
    }

    private static void AssertComesBack(EditSettings settings, string model)
    {
        var json = PictureSettings.Of(settings, model, null, 1, settings.Suggested).ToJson();

        var told = Versioning.Read(Encoding.UTF8.GetBytes(json), ContractsJsonContext.Default.PictureSettings, "chunk");
        // As the start call reads it.
        var overrides = StrictJson.Read<EditOverrides>(Encoding.UTF8.GetBytes(JsonNode.Parse(json)!["settings"]!.ToJsonString()), "settings");
        Assert.Equal(Json(settings), Json(overrides.Resolve(told.TargetText, told.Model) with { Tuned = told.Tuned }));
    }

    private static EditSettings Started(Random random)
    {
        var profile = Profiles[random.Next(Profiles.Length)];
        var start = Sampling(random, profile) with
        {
            Profile = profile,
            Seed = Maybe(random, random.NextInt64()),
            Latent = Maybe(random, random.GetItems(Enum.GetValues<LatentMode>(), 1)[0]),
            Optimize = random.Next(2) == 0 ? null : Descent(random, new DescentOverrides()),
            FineTune = random.Next(2) == 0 ? null : FineTune(random),
        };
        if (start.SuperResolution is { } super && random.Next(2) == 0) start = start with { SuperResolution = super with { FineTune = FineTune(random) } };
        return start.Resolve("a sitting dog", "any");
    }

    private static EditOverrides Sampling(Random random, string profile) => new()
    {
        NegativeText = random.Next(2) == 0 ? null : "blurry",
        Etas = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, random.Next(4)).Select(_ => (random.NextDouble() * 4) - 1)],
        Blends = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => random.NextDouble() * 2)],
        Seeds = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.NextInt64(long.MinValue, long.MaxValue))],
        Guidance = Maybe(random, random.NextDouble() * 50),
        Steps = Maybe(random, random.Next(1, 1001)),
        Scheduler = Maybe(random, random.GetItems(Enum.GetValues<SchedulerType>(), 1)[0]),
        SampleBatch = Maybe(random, random.Next(1, 257)),
        SuperResolution = profile != EditProfile.Cascade || random.Next(2) == 0 ? null : new()
        {
            Guidance = Maybe(random, random.NextDouble() * 50),
            Steps = Maybe(random, random.Next(1, 1001)),
            NoiseLevel = Maybe(random, random.Next(1000)),
            Variance = Maybe(random, random.GetItems(Enum.GetValues<SamplingVariance>(), 1)[0]),
        },
    };

    private static FineTuneOverrides FineTune(Random random)
    {
        var tuning = Maybe(random, random.GetItems(Enum.GetValues<Tuning>(), 1)[0]);
        return Descent(random, new FineTuneOverrides
        {
            Tuning = tuning,
            Rank = tuning == Tuning.Lora ? Maybe(random, random.Next(1, 257)) : null,
            Optimizer = Maybe(random, random.GetItems(Enum.GetValues<Optimizer>(), 1)[0]),
        });
    }

    private static T Descent<T>(Random random, T start)
        where T : DescentOverrides
    {
        var batch = Maybe(random, 6 * random.Next(1, 5));
        return start with
        {
            Steps = Maybe(random, random.Next(0, 100_001)),
            LearningRate = Maybe(random, 1 - random.NextDouble()),
            Batch = batch,
            EarlyStop = Maybe(random, random.NextDouble()),
            Accumulate = batch is null ? null : Maybe(random, random.GetItems([1, 2, 3, 6], 1)[0]),
        };
    }

    private static T? Maybe<T>(Random random, T value)
        where T : struct => random.Next(2) == 0 ? null : value;

    private static string Json(EditSettings settings) => JsonSerializer.Serialize(settings, ContractsJsonContext.Default.EditSettings);
}
