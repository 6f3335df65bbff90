using System.Text;
using System.Text.RegularExpressions;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Imaging;
using Imagic.TestKit;
using Imagic.Tests;
using Imagic.Worker.Results;
using static TorchSharp.torch;

namespace Imagic.Worker.Tests.Results;

public sealed partial class SafetyCheckTests(AzuriteFixture azurite) : IDisposable
{
    private const float None = 1.1f, All = -1.1f;

    private static readonly string Micro = RepositoryFiles.Fixture("sd1-micro");

    private readonly TemporaryFolder _models = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Package => Path.Combine(_models.Path, "checked");

    public void Dispose() => _models.Dispose();

    [Fact]
    public void Prepare_WidePicture_IsItsMiddle()
    {
        var picture = Noise(1, 51, 32);

        var middle = SafetyCheck.Prepare(picture, new(32, 32, [0, 0, 0], [1, 1, 1]));

        Assert.Equal(Enumerable.Range(0, 32).SelectMany(y => picture.Row(y).Slice(9 * 3, 32 * 3).ToArray()), middle);
    }

    [Fact]
    public void Prepare_LargePicture_IsResizedToTheShorterSideFirst()
    {
        var picture = Noise(1, 64, 129);

        var middle = SafetyCheck.Prepare(picture, new(32, 24, [0, 0, 0], [1, 1, 1]));

        var resized = Bicubic.Resize(picture, 32, 64);
        Assert.Equal(Enumerable.Range(20, 24).SelectMany(y => resized.Row(y).Slice(4 * 3, 24 * 3).ToArray()), middle);
    }

    [Fact]
    public async Task Render_WithholdsWhatIsFlagged_AndShowsTheOthers()
    {
        var pictures = Pictures();
        var flagged = Separate(pictures);
        var withheld = flagged.Select(picture => FileOf(picture.Key)).ToList();

        var (results, again, unchecked_) = (await RenderAsync(pictures), await RenderAsync(pictures), await RenderAsync(pictures, checkSafety: false));

        Assert.Equal(pictures.Select(picture => FileOf(picture.Key)).Except(withheld).Order(), results.Files.Keys.Where(name => name.StartsWith("pictures/", StringComparison.Ordinal)).Order());
        Assert.Equal(withheld.Order(), results.Record.Pictures.Where(picture => picture.Withheld).Select(picture => picture.File).Order());
        Assert.Equal(withheld.Order(), results.Record.Withheld.Remove(ResultManifest.SuggestedFile).Order());
        Assert.Contains(results.Record.Notices, notice => notice.StartsWith($"{flagged.Count} of {pictures.Count} pictures are withheld", StringComparison.Ordinal));
        Assert.Equal(Same(results), Same(again));
        Assert.Equal(pictures.Count, unchecked_.Files.Keys.Count(name => name.StartsWith("pictures/", StringComparison.Ordinal)));
        Assert.Empty(unchecked_.Record.Withheld);
        // What is seen by nobody is the same picture all the same.
        Assert.Equal(unchecked_.PicturesSha256, results.PicturesSha256);
        Assert.NotEqual(Unsigned.Of(unchecked_.Files[ResultManifest.GridFile]), Unsigned.Of(results.Files[ResultManifest.GridFile]));

        var report = Encoding.UTF8.GetString(results.Files[ResultManifest.ReportFile]);
        Assert.Equal(flagged.Count, report.Split("<td class=\"soft\">withheld</td>").Length - 1);
        var shown = Embedded().Matches(report).Select(match => Convert.ToBase64String(Unsigned.Of(Convert.FromBase64String(match.Groups["png"].Value)))).ToHashSet();
        Assert.All(pictures, picture => Assert.Equal(
            !flagged.Contains(picture), shown.Contains(Convert.ToBase64String(Unsigned.Of(unchecked_.Files[FileOf(picture.Key)])))));
    }

    [Fact]
    public async Task Render_WhereAllIsFlagged_HasNoPictureButTheSource()
    {
        CheckedPackage.Create(Micro, Package, All);

        var results = await RenderAsync(Pictures());

        Assert.Equal([ResultManifest.RecordFile, ResultManifest.GridFile, ResultManifest.ReportFile, ResultManifest.SourceFile], results.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Contains(ResultManifest.SuggestedFile, results.Record.Withheld);
        using var json = JsonDocument.Parse(results.Files[ResultManifest.RecordFile]);
        Assert.All(json.RootElement.GetProperty("pictures").EnumerateArray(), picture => Assert.True(picture.GetProperty("withheld").GetBoolean()));
    }

    [Fact]
    public async Task Worker_WithholdsByDefault_TellsTheRecordAndTheBatch()
    {
        CheckedPackage.Create(Micro, Package, All);
        var account = await azurite.NewAccountAsync();
        var report = new BatchReport
        {
            Manifest = "catalogue.jsonl",
            Run = "run-1",
            Created = DateTimeOffset.UnixEpoch,
            Accepted = [new AcceptedLine(1, EditId.Parse("soak-edit"), "input.png", "a bird")],
            Rejected = [],
        };
        await account.Batches.GetBlobClient("catalogue/report.json").UploadAsync(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(report, ContractsJsonContext.Default.BatchReport)), Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, batch: new("catalogue", "run-1", 1), model: "checked", picture: File.ReadAllBytes(Path.Combine(Micro, "input.png")));

        var record = await edit.RunAsync(Token, MicroEdit.Options with { ModelsFolder = _models.Path });
        await edit.RunAsync(Token, MicroEdit.Options with { ModelsFolder = _models.Path }, until: _ => account.Batches.GetBlobClient("catalogue/summary.json").Exists(Token).Value);

        Assert.Equal(EditState.Succeeded, record.State);
        Assert.Contains(ResultManifest.SuggestedFile, record.Withheld);
        Assert.Contains(record.Notices, notice => notice.Contains("withheld", StringComparison.Ordinal));
        Assert.Equal(record.Withheld, EditView.Of(record).Withheld);
        Assert.DoesNotContain((await edit.BlobsAsync(Token)).Keys, name => name.StartsWith($"{record.Results}/", StringComparison.Ordinal) && record.Withheld.Any(file => name.EndsWith(file, StringComparison.Ordinal)));
        var summary = Versioning.Read((await account.Batches.GetBlobClient("catalogue/summary.json").DownloadContentAsync(Token)).Value.Content, ContractsJsonContext.Default.BatchSummary, "summary");
        Assert.Null(summary.Edits[0].Results);
        Assert.Contains("withheld", summary.Edits[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_ThatIsToldNotToCheck_ShowsAll_WithTheSameHash()
    {
        CheckedPackage.Create(Micro, Package, All);
        var picture = File.ReadAllBytes(Path.Combine(Micro, "input.png"));
        var account = await azurite.NewAccountAsync();
        var (first, second) = (
            await MicroEdit.StartAsync(account, new TestLogger(), Token, "first", model: "checked", picture: picture),
            await MicroEdit.StartAsync(account, new TestLogger(), Token, "second", model: "checked", picture: picture));

        var open = MicroEdit.Options with { ModelsFolder = _models.Path, CheckSafety = false };
        var (shown, again) = (await first.RunAsync(Token, open), await second.RunAsync(Token, open with { CheckSafety = false }));

        Assert.Empty(shown.Withheld);
        Assert.Contains($"{shown.Results}/{ResultManifest.SuggestedFile}", (await first.BlobsAsync(Token)).Keys);
        Assert.Equal(shown.ResultSha256, again.ResultSha256);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public void Parse_OfTheVariable(string? value, bool expected) => Assert.Equal(expected, OperatorSwitch.Parse(OperatorSwitch.Safety, value));

    [Fact]
    public void Parse_OfAnythingElse_IsRefused() =>
        Assert.Contains("IMAGIC_SAFETY takes on or off; got 'no'", Assert.Throws<BadInputException>(() => OperatorSwitch.Parse(OperatorSwitch.Safety, "no")).Message, StringComparison.Ordinal);

    // A threshold that some of the pictures come over, and others do not.
    private List<EditedImage> Separate(IReadOnlyList<EditedImage> pictures)
    {
        for (var threshold = 0.95f; threshold > -1; threshold -= 0.02f)
        {
            CheckedPackage.Create(Micro, Package, None, conceptThreshold: threshold);
            using var checker = ModelPackage.Open(Package).LoadSafetyChecker(CPU);
            var flagged = pictures.Where(picture => checker.IsFlagged(SafetyCheck.Prepare(picture.Picture, checker.Pictures))).ToList();
            if (flagged.Count > 0 && flagged.Count < pictures.Count) return flagged;
        }

        throw new InvalidOperationException("No threshold separates the pictures.");
    }

    private async Task<ResultFiles> RenderAsync(IReadOnlyList<EditedImage> pictures, bool checkSafety = true)
    {
        using var models = new LoadedModels(ModelPackage.Open(Package), ScalarType.Float32, CPU);
        var source = SourceImage.Read(Path.Combine(Micro, "input.png"), models.Package, null);
        var finished = new EditOutcome.Finished(pictures, new Dictionary<EditStage, float[]>(), new Dictionary<EditStage, double> { [EditStage.Sample] = 1 });
        return await ResultFiles.RenderAsync(source, MicroEdit.Settings, finished, models, checkSafety, Unsigned.Marks, null, TimeProvider.System, Token);
    }

    // Of the plan of the settings, of the source's working size.
    private static List<EditedImage> Pictures()
    {
        var source = SourceImage.Read(Path.Combine(Micro, "input.png"), ModelPackage.Open(Micro), null).Working;
        return
        [
            .. from blend in MicroEdit.Settings.Sample.Blends
               from eta in MicroEdit.Settings.EtasWithSource()
               select new EditedImage(new(5, new Strength(eta, blend)), Tinted((eta * 3) + blend, source.Width, source.Height)) { Rank = new Strength(eta, blend) == MicroEdit.Settings.Suggested ? 1 : 0 },
        ];
    }

    // Noise on grounds of different greys.
    private static RgbImage Tinted(double tint, int width, int height) =>
        new(width, height, [.. Noise(1, width, height).Pixels.Select(value => (byte)((value / 8) + (int)(tint * 50)))]);

    private static string FileOf(ImageKey key) => FormattableString.Invariant($"pictures/seed{key.Seed}-eta{key.Strength.Eta:0.00##}-blend{key.Strength.Blend:0.00##}.png");

    [GeneratedRegex("data:image/png;base64,(?<png>[A-Za-z0-9+/=]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Embedded();

    // All but what tells the time.
    private static IEnumerable<string> Same(ResultFiles results) =>
        results.Files.Where(file => file.Key is not (ResultManifest.RecordFile or ResultManifest.ReportFile)).OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => $"{file.Key} {Convert.ToBase64String(Unsigned.Of(file.Value))}");

    private static RgbImage Noise(int seed, int width, int height)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new(width, height, pixels);
    }
}
