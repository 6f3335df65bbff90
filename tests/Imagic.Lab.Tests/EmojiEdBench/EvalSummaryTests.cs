using System.Text.Json;
using Imagic.Imaging;
using Imagic.Lab.EmojiEdBench;
using Imagic.Tests;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class EvalSummaryTests
{
    [Theory]
    [InlineData(0.2, 0.4, true)]
    [InlineData(0.25, 0.45, true)]
    [InlineData(0.6, 0.8, true)]
    [InlineData(0.05, 0.3, false)]
    [InlineData(0.9, 0.8, false)]
    public void EqualDistance_IsBetweenTheNeighbours_OrAtTheEnd(double wanted, double strength, bool isReached)
    {
        var found = EqualDistance.Find([0.3, 0.5, 0.8], [0.1, 0.3, 0.6], wanted);

        Assert.Equal(strength, found.Strength, 1e-9);
        Assert.Equal(isReached, found.IsReached);
    }

    [Fact]
    public void SdEditAtEqualDistance_MixesTheNeighboursFigures()
    {
        var summary = Summary();

        Assert.Equal(0.5, summary.EqualDistance.Strength, 1e-9);
        var equal = summary.SdEditAtEqualDistance();
        Assert.Equal(summary.Of(TinyBench.Plan.Reported).Distance, equal.Distance, 1e-9);
        // At 0.25 none of the two edits succeeds, at 0.5 one does.
        Assert.Equal((0, 1), (summary.Of(new Rendering.SdEdit(0.25)).Top5, equal.Top5));
        Assert.Equal((1, 0), (summary.SdEditAtEqualDistance(EditKind.Colour).Top5, summary.SdEditAtEqualDistance(EditKind.Style).Top5));
    }

    [Fact]
    public void BestFound_IsTheNearestOfTheAxisThatSucceeds()
    {
        EditScore score = new(TinyBench.Edits[0], [Picture(new Rendering.Found(0), 9, 0.1), Picture(new Rendering.Found(1), 2, 0.5), Picture(new Rendering.Found(2), 1, 0.3)]);
        EditScore failed = new(TinyBench.Edits[0], [Picture(new Rendering.Found(0), 9, 0.2), Picture(new Rendering.Found(1), 8, 0.1)]);

        Assert.Equal(new Rendering.Found(2), score[new Rendering.BestFound()].Rendering);
        Assert.Equal(new Rendering.Found(1), failed[new Rendering.BestFound()].Rendering);
    }

    [Fact]
    public void Both_CountsEditsOfTheRightConceptAndStyle()
    {
        ImageScore[] scores = [.. new[] { (1, true), (5, true), (1, false), (6, true) }.Select(score => Picture(new Rendering.TextToImage(), score.Item1, 1, style: score.Item2))];

        var summary = MethodSummary.Of(scores);

        Assert.Equal((2, 3, 3, 2), (summary.Top1, summary.Top5, summary.StyleKept, summary.Both));
    }

    [Fact]
    public void Figures_AreTheObjectThatProgramsRead() => Assert.Equal(
        """{"imagic":{"top1":1,"top5":1,"styleKept":2,"distance":0.4},"sdedit":{"top1":1,"top5":1,"styleKept":2,"distance":0.4},"text2image":{"top1":2,"top5":2,"styleKept":2,"distance":1}}""",
        EvalFigures.Of(Summary()).ToJson());

    [Fact]
    public void Record_HoldsEveryPictureOfEveryEdit()
    {
        using var json = JsonDocument.Parse(EvalRecord.Of(Summary(), "model", "data").ToJson());

        var edits = json.RootElement.GetProperty("edits").EnumerateArray().ToArray();
        Assert.Equal(9, edits[1].GetProperty("pictures").GetProperty("imagic eta=0.8 blend=0.5").GetProperty("rank").GetInt32());
        Assert.Equal("style", edits[1].GetProperty("edit").GetProperty("kind").GetString());
        Assert.All(edits, edit => Assert.Equal(TinyBench.Plan.Renderings.Count + 2, edit.GetProperty("pictures").EnumerateObject().Count()));
        Assert.Equal(2, json.RootElement.GetProperty("methods").GetProperty("text2image").GetProperty("top5").GetDouble());
    }

    [Fact]
    public void Page_ShowsWhatFailedFirst_AndNoPictureFromElsewhere()
    {
        using TemporaryFolder data = new();
        var drawings = new BenchImages(TinyBench.WriteData(data.Path));

        var html = EvalPage.Html(Summary(), "a <b> title", [("Model", "tiny")], (edit, _) => drawings.Image(edit.Target), drawings);

        Assert.Contains("a &lt;b&gt; title", html, StringComparison.Ordinal);
        Assert.True(html.IndexOf("two, style", StringComparison.Ordinal) < html.IndexOf("one, colour", StringComparison.Ordinal));
        Assert.Equal(2 * 7, html.Split("<img src=\"data:image/png;base64,").Length - 1);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        var first = html.Split("base64,")[1].Split('"')[0];
        Assert.Equal(drawings.Image(TinyBench.Edits[1].Source), ImageCodec.Decode(Convert.FromBase64String(first), ImageLimits.Default));
    }

    [Fact]
    public void Failures_AreAllOnASheetOfTheirOwn_IfThereAreAny()
    {
        using TemporaryFolder data = new();
        var drawings = new BenchImages(TinyBench.WriteData(data.Path));

        Assert.Null(EvalSheet.Failures(new(TinyBench.Plan, [Score(TinyBench.Edits[0], 1)]), Target, drawings));
        var one = Sheet(EvalSheet.Failures(Summary(), Target, drawings)!);
        var six = Sheet(EvalSheet.Failures(new(TinyBench.Plan, [.. Enumerable.Repeat(Score(TinyBench.Edits[1], 9), 6)]), Target, drawings)!);

        // Two pictures of 96 pixels; then four edits in a row and two below.
        Assert.InRange(one.Width, 2 * 96, 4 * 96);
        Assert.InRange(six.Width, 8 * 96, 12 * 96);
        Assert.InRange(six.Height, 2 * 96, 4 * 96);

        RgbImage Target(BenchEdit edit, Rendering rendering) => drawings.Image(edit.Target);

        static RgbImage Sheet(byte[] png) => ImageCodec.Decode(png, ImageLimits.Default);
    }

    /// <summary>Imagic and SDEdit at 0.5 do the first edit, text-to-image does both.</summary>
    private static EvalSummary Summary() => new(TinyBench.Plan, [Score(TinyBench.Edits[0], 1), Score(TinyBench.Edits[1], 9)]);

    private static EditScore Score(BenchEdit edit, int rank) => new(edit,
    [
        .. TinyBench.Plan.Renderings.Concat([new Rendering.Unedited(), new Rendering.TrueTarget()]).Select(rendering => rendering switch
        {
            Rendering.Imagic => Picture(rendering, rank, 0.4),
            Rendering.SdEdit sdEdit => Picture(rendering, sdEdit.Strength < 0.5 ? 9 : rank, sdEdit.Strength * 0.8),
            Rendering.TextToImage => Picture(rendering, 1, 1),
            _ => Picture(rendering, 7, 0),
        }),
    ]);

    private static ImageScore Picture(Rendering rendering, int rank, double distance, bool style = true) =>
        new(rendering, rank, "red heart", style, distance, 0.1, 20);
}
