using System.CommandLine;
using Imagic.Contracts;
using Imagic.Contracts.Settings;
using Imagic.Lab.EmojiEdBench;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class EvalArgumentsTests
{
    private readonly EvalArguments _arguments = new();

    [Fact]
    public void Plan_WithNothingGiven_IsTheBenchAtTheStrengthThatTheProfileSuggests_AndPlainImagic()
    {
        var plan = _arguments.Plan(Parse(), "emoji-64");

        var suggested = EditProfile.All["emoji-64"].Suggested;
        Assert.Equal(BenchEdits.Bench, plan.Edits);
        Assert.Equal(new Rendering.Imagic(suggested.Eta, suggested.Blend), plan.Reported);
        Assert.Equal(
            [new(0, 1), new(suggested.Eta, 1), new(0, suggested.Blend), plan.Reported],
            plan.Renderings.OfType<Rendering.Imagic>());
        Assert.False(plan.IsSweep);
        Assert.Equal([0], plan.Settings.Sample.Seeds.AsEnumerable());
    }

    [Fact]
    public void Plan_OfASweep_RendersTheGridWithTheSeedOfTheTraining()
    {
        var plan = _arguments.Plan(Parse("--set", "tuning", "--eta", "0.6,1", "--blend", "0.5,1", "--seed", "5", "--sdedit", "0.7,0.3"), "emoji-64");

        Assert.Equal(BenchEdits.Tuning, plan.Edits);
        Assert.True(plan.IsSweep);
        Assert.Equal(3 * 2, plan.Renderings.OfType<Rendering.Imagic>().Count());
        Assert.Equal([0.3, 0.7], plan.Strengths);
        Assert.Equal((5, 5), (plan.Settings.Seed, plan.Settings.Sample.Seeds.Single()));
    }

    [Theory]
    [InlineData("bench or tuning", "--set", "all")]
    [InlineData("strengths above 0", "--sdedit", "0.5,1.5")]
    [InlineData("'x' is none", "--eta", "0.5,x")]
    public void Plan_OfWhatCannotBe_SaysWhatIsTaken(string expected, params string[] arguments) => Assert.Contains(
        expected, Assert.Throws<BadInputException>(() => _arguments.Plan(Parse(arguments), "emoji-64")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("e.g. 2/4", "--shard", "5/4")]
    [InlineData("--report-only makes none", "--shard", "1/2", "--report-only")]
    public void Shard_OfWhatCannotBe_SaysWhatIsTaken(string expected, params string[] arguments) => Assert.Contains(
        expected, Assert.Throws<BadInputException>(() => _arguments.Shard(Parse(arguments))).Message, StringComparison.Ordinal);

    private ParseResult Parse(params string[] arguments) => _arguments.AddTo(new("eval")).Parse(arguments);
}
