using Imagic.Lab.EmojiEdBench;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class RankingTests
{
    private static readonly StyledConcept[] Gallery =
    [
        new("noto", "ghost"), new("noto", "alien"), new("noto", "alien"), new("noto", "robot"), new("blob", "ghost"), new("blob", "alien"),
    ];

    [Theory]
    [InlineData("ghost", 1)]
    [InlineData("alien", 2)]
    [InlineData("robot", 3)]
    public void Rank_TakesEachConceptsNearestDrawingOfTheStyle(string concept, int rank) =>
        Assert.Equal((rank, "ghost"), Ranking.Rank([0.8f, 0.1f, 0.7f, 0.6f, 0.2f, 0.9f], Gallery, new("noto", concept)));

    [Fact]
    public void Rank_CountsATieAgainstTheTarget() =>
        Assert.Equal(2, Ranking.Rank([0.5f, 0.5f, 0.1f, 0, 1, 1], Gallery, new("noto", "ghost")).Rank);

    [Theory]
    [InlineData("ghost", "noto")]
    [InlineData("alien", "blob")]
    public void NearestStyle_LooksAtDrawingsOfTheConceptOnly(string concept, string style) =>
        Assert.Equal(style, Ranking.NearestStyle([0.5f, 0.7f, 0.1f, 1, 0.4f, 0.8f], Gallery, concept));
}
