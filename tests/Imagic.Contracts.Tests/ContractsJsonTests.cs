using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Models;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;

namespace Imagic.Contracts.Tests;

public class ContractsJsonTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);
    private static readonly EditId Cat = EditId.Parse("cat");

    private static readonly EditSettings Settings = new EditOverrides { Optimize = new() { EarlyStop = 0.02 }, NegativeText = "naïve “quotes” 🐈" }
        .Resolve("a cat \\ \"smiling\" 😀", "emoji-64");

    private static readonly EditRecord Record = new()
    {
        EditId = Cat,
        Sequence = long.MaxValue,
        Revision = "r",
        State = EditState.Failed,
        Created = Noon,
        Ended = Noon.AddHours(1),
        RequestHash = "00",
        Model = "emoji-64",
        Settings = Settings,
        Size = new(64, 128),
        Source = new("cat.jpg", "ff", 123, "JPEG", 64, 48),
        Cost = new(120.5, 38400),
        Batch = new("catalogue", "00ff", 3),
        Caller = "key-0123456789ab",
        Stage = EditStage.Sample,
        Epoch = 4,
        Claim = new("worker-1", "m1", Noon),
        Attempts = 2,
        LastFailure = "out of memory",
        CancelRequested = true,
        SuperResolution = new(EditStage.Sample) { Epoch = 2, Claim = new("worker-2", "m2", Noon), Attempts = 1, MachineFaults = 1, LastFailure = "no disk", Progress = new(EditStage.FineTuneSuperResolution, 3, 3) },
        Progress = new(EditStage.Sample, 3, 25) { Loss = 0.125f, StepsPerSecond = 2.5, SecondsLeft = 8.8, Preview = "previews/3.png" },
        Stages = [new(EditStage.Optimize) { Done = true, Step = 100, Seconds = 1.5, Resumes = 1, Checkpoints = 2, CheckpointSeconds = 0.25, Checkpoint = "optimize/0001-000100" }],
        Results = "results/0004",
        ResultSha256 = "ab",
        Error = new("diverged", "The loss is no number.", EditStage.FineTune),
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    [Fact]
    public void EditRecord_Full_ReadsBack() => AssertReadsBack(Record, ContractsJsonContext.Default.EditRecord);

    // As records were written before there were such lists: the generated code sets what a file lacks to no list at all.
    [Theory]
    [InlineData("withheld")]
    [InlineData("notices")]
    public void EditRecord_WithoutAListOfSentencesOrFiles_HasAnEmptyOne(string list)
    {
        var json = JsonSerializer.SerializeToNode(Record, ContractsJsonContext.Default.EditRecord)!.AsObject();
        Assert.True(json.Remove(list));

        var read = json.Deserialize(ContractsJsonContext.Default.EditRecord)!;

        Assert.Empty(read.Withheld);
        Assert.Empty(read.Notices);
        AssertReadsBack(read, ContractsJsonContext.Default.EditRecord);
        AssertReadsBack(EditView.Of(read), ContractsJsonContext.Default.EditView);
    }

    [Fact]
    public void EditRecord_Fresh_ReadsBack() => AssertReadsBack(
        new EditRecord { EditId = Cat, Created = Noon, RequestHash = "00", Model = "m", Settings = Settings, Source = Record.Source },
        ContractsJsonContext.Default.EditRecord);

    [Fact]
    public void EditView_ReadsBackAndSumsTheResumes()
    {
        var view = EditView.Of(Record.With(new StageStatus(EditStage.FineTune) { Resumes = 3 }));

        Assert.Equal(4, view.Resumes);
        AssertReadsBack(view, ContractsJsonContext.Default.EditView);
        AssertReadsBack(new EditList([EditSummary.Of(Record)], null), ContractsJsonContext.Default.EditList);
        AssertReadsBack(new EditList([], "next"), ContractsJsonContext.Default.EditList);
    }

    [Fact]
    public void EditView_HoldsNothingThatOnlyWorkersNeed()
    {
        var names = JsonSerializer.SerializeToNode(EditView.Of(Record), ContractsJsonContext.Default.EditView)!.AsObject().Select(member => member.Key);

        Assert.DoesNotContain("claim", names);
        Assert.DoesNotContain("revision", names);
        Assert.DoesNotContain("traceParent", names);
        Assert.DoesNotContain("lastFailure", names);
    }

    [Fact]
    public void EditRequest_ReadsBack()
    {
        AssertReadsBack(new EditRequest(), ContractsJsonContext.Default.EditRequest);
        AssertReadsBack(
            new EditRequest { TargetText = "x", Source = "a/b.jpg", Model = "m", Size = new(8, 16), Settings = new() { Etas = [], Seeds = [1], Scheduler = SchedulerType.Pndm } },
            ContractsJsonContext.Default.EditRequest);
    }

    [Fact]
    public void StageMessage_ReadsBack()
    {
        AssertReadsBack(new StageMessage(Cat, EditStage.FineTune), ContractsJsonContext.Default.StageMessage);
        AssertReadsBack(new StageMessage(Cat, EditStage.Sample) { TraceParent = "t" }, ContractsJsonContext.Default.StageMessage);
    }

    [Fact]
    public void Batches_ReadBack()
    {
        AssertReadsBack(
            new BatchReport
            {
                Manifest = "catalogue.csv", Run = "00ff", Created = Noon,
                Accepted = [new(2, Cat, "cat.jpg", "a smiling cat")], Rejected = [new(3, "invalid-csv", "Close the quote.")],
            },
            ContractsJsonContext.Default.BatchReport);
        AssertReadsBack(
            new BatchSummary
            {
                Manifest = "catalogue.csv", Run = "00ff", Ended = Noon, Succeeded = 1, Failed = 1, Cancelled = 0, Rejected = 1,
                Edits =
                [
                    new(2, Cat, "a smiling cat", EditState.Succeeded, 12.5, "cat/results/0001/edited.png"),
                    new(4, Cat, "a sad cat", EditState.Failed, 0.5, Message: "It diverged."),
                ],
            },
            ContractsJsonContext.Default.BatchSummary);
    }

    [Fact]
    public void ResultsAndTickets_ReadBack()
    {
        AssertReadsBack(
            new ResultManifest { EditId = Cat, Epoch = 2, PicturesSha256 = "ab", Files = [new("edited.png", 12, "cd")], Suggested = ["pictures/seed1-eta0.70-blend1.00.png"], Drafts = [] },
            ContractsJsonContext.Default.ResultManifest);
        AssertReadsBack(
            new LinkedResults(Cat, 2, [new("edited.png", 12, "cd", "http://127.0.0.1/edits/cat/results/0002/edited.png?sig=x")], ["pictures/seed1-eta0.70-blend1.00.png"], ["pictures/seed1-eta0.50-blend1.00.png"], Noon),
            ContractsJsonContext.Default.LinkedResults);
        AssertReadsBack(new FileLink("http://127.0.0.1/edits/cat/results/0002/edited.png?sig=x", Noon), ContractsJsonContext.Default.FileLink);
        AssertReadsBack(new UploadTicket("cat.jpg", "http://127.0.0.1/uploads/cat.jpg?sig=x", Noon), ContractsJsonContext.Default.UploadTicket);
        AssertReadsBack(new WorkingSize(64, 128), ContractsJsonContext.Default.WorkingSize);
        AssertReadsBack(Settings, ContractsJsonContext.Default.EditSettings);
    }

    [Fact]
    public void Json_OfAnyTextsAndNumbers_ReadsBack() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), ArbMap.Default.ArbFor<NormalFloat>(), ArbMap.Default.ArbFor<long[]>(), (text, number, seeds) =>
        {
            // A lone half of a surrogate pair is no text; JSON replaces it.
            var targetText = new string([.. text.Get.Where(c => !char.IsSurrogate(c))]);
            var request = new EditRequest { TargetText = targetText, Settings = new() { Guidance = number.Get, Seeds = [.. seeds] } };
            var json = JsonSerializer.SerializeToUtf8Bytes(request, ContractsJsonContext.Default.EditRequest);
            var read = JsonSerializer.Deserialize(json, ContractsJsonContext.Default.EditRequest)!;
            return read.TargetText == targetText && read.Settings!.Guidance == number.Get && read.Settings.Seeds!.Value.SequenceEqual(seeds);
        }).QuickCheckThrowOnFailure();

    public static TheoryData<string, string> Spellings => new()
    {
        { "queued,running,succeeded,failed,cancelled", Spell(Enum.GetValues<EditState>(), state => Record with { State = state }, "state") },
        { "optimize,finetune,finetune-sr,sample", Spell(Enum.GetValues<EditStage>(), stage => Record with { Stage = stage }, "stage") },
        {
            "fixed_small,learned_range",
            Spell(
                Enum.GetValues<SamplingVariance>(),
                variance => Record with { Settings = Settings with { SuperResolution = new() { FineTune = new(1, 1), Variance = variance } } },
                "settings", "superResolution", "variance")
        },
        { "mean,sample", Spell(Enum.GetValues<LatentMode>(), mode => Record with { Settings = Settings with { Latent = mode } }, "settings", "latent") },
        {
            "ddim,ddpm,euler,dpmSolverMultistep,pndm",
            Spell(
                Enum.GetValues<SchedulerType>(),
                scheduler => Record with { Settings = Settings with { Sample = Settings.Sample with { Scheduler = scheduler } } },
                "settings", "sample", "scheduler")
        },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Enums_AreSpelledAsDocumented(string expected, string spelled) => Assert.Equal(expected, spelled);

    // As it lies on queues that an older program has filled.
    [Fact]
    public void StageMessage_OfAnOlderProgram_IsUnderstood()
    {
        var message = Versioning.Read(
            "{\"editId\":\"cat\",\"stage\":\"sample\",\"schema\":1}"u8, ContractsJsonContext.Default.StageMessage, "a message");

        Assert.Equal(EditStage.Sample, message.Stage);
    }

    [Fact]
    public void StageNames_AreThoseOfTheJson() => Assert.Equal(
        string.Join(',', Enum.GetValues<EditStage>().Select(stage => stage.Name())),
        Spell([.. Enum.GetValues<EditStage>()], stage => Record with { Stage = stage }, "stage"));

    [Theory]
    [InlineData("model.bin", "../other")]
    [InlineData("model.bin", "/x")]
    [InlineData("model.bin", "")]
    [InlineData("../model.bin", null)]
    [InlineData("/model.bin", null)]
    public void ModelManifest_WithAPathOrAHashThatLeadsElsewhere_IsRefused(string path, string? sha256)
    {
        var hash = new string('a', 64);
        var manifest = new ModelManifest { Name = "micro", Sha256 = sha256 ?? hash, Files = [new(path, 1, hash)] };
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ModelManifest);

        Assert.Throws<JsonException>(() => Versioning.Read(json, ContractsJsonContext.Default.ModelManifest, "a manifest"));
    }

    [Theory]
    [InlineData("99")]
    [InlineData("-1")]
    public void StageMessage_WithANumberThatIsNoStage_IsRefused(string stage) => Assert.Throws<JsonException>(() => Versioning.Read(
        Encoding.UTF8.GetBytes($$"""{"schema":1,"editId":"cat","stage":{{stage}}}"""), ContractsJsonContext.Default.StageMessage, "a message"));

    [Theory]
    [InlineData("""{"schema":1,"stage":"sample"}""")]
    [InlineData("""{"schema":1,"editId":"cat"}""")]
    public void StageMessage_WithoutAMember_IsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ContractsJsonContext.Default.StageMessage));

    [Fact]
    public void EditRecord_WithoutAMemberItNeeds_IsRefused()
    {
        var json = JsonSerializer.SerializeToNode(Record, ContractsJsonContext.Default.EditRecord)!.AsObject();
        Assert.All(["editId", "created", "requestHash", "model", "settings", "source"], name =>
        {
            var without = (JsonObject)json.DeepClone();
            Assert.True(without.Remove(name));
            Assert.Throws<JsonException>(() => without.Deserialize(ContractsJsonContext.Default.EditRecord));
        });
    }

    [Fact]
    public void EditRecord_FromALaterVersionOfTheSameSchema_KeepsWhatItKnows()
    {
        var json = JsonSerializer.SerializeToNode(Record, ContractsJsonContext.Default.EditRecord)!.AsObject();
        json["addedLater"] = new JsonArray(1, 2);

        Assert.Equal(Record.Revision, json.Deserialize(ContractsJsonContext.Default.EditRecord)!.Revision);
    }

    [Fact]
    public void With_AStatus_ReplacesItsStageAndKeepsTheOrder()
    {
        var record = Record.With(new(EditStage.Sample) { Step = 1 }).With(new(EditStage.FineTune) { Step = 2 }).With(new(EditStage.Optimize) { Step = 3 });

        Assert.Equal([(EditStage.Optimize, 3), (EditStage.FineTune, 2), (EditStage.Sample, 1)], record.Stages.Select(stage => (stage.Stage, stage.Step)));
        Assert.Equal(2, record.StatusOf(EditStage.FineTune).Step);
        Assert.Equal(new(EditStage.FineTune), Record.StatusOf(EditStage.FineTune));
    }

    [Fact]
    public void HasEnded_OfEveryState_IsTrueOfThree() => Assert.Equal(
        [EditState.Succeeded, EditState.Failed, EditState.Cancelled],
        Enum.GetValues<EditState>().Where(state => (Record with { State = state }).HasEnded()));

    private static string Spell<T>(IEnumerable<T> values, Func<T, EditRecord> record, params string[] path) =>
        string.Join(',', values.Select(value => path.Aggregate(
            JsonSerializer.SerializeToNode(record(value), ContractsJsonContext.Default.EditRecord)!, (node, name) => node[name]!)));

    // By their JSON: records compare arrays by reference. What is null or default must come back as such, too.
    private static void AssertReadsBack<T>(T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.Serialize(value, type);
        var read = JsonSerializer.Deserialize(json, type);
        Assert.Equal(json, JsonSerializer.Serialize(read!, type));
        Assert.Equivalent(value, read, strict: true);
    }
}
