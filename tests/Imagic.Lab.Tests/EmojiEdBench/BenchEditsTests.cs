using Imagic.Lab.DataSet;
using Imagic.Lab.EmojiEdBench;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class BenchEditsTests
{
    private static readonly HashSet<StyledConcept> HeldOut = [.. NamePairs.HeldOut.Select(pair => new StyledConcept(pair.First, pair.Second))];

    public static TheoryData<string> Sets => ["bench", "tuning"];

    [Theory]
    [InlineData("bench", 20)]
    [InlineData("tuning", 4)]
    public void Edits_AreAsManyOfEachKind(string set, int each)
    {
        var kinds = Edits(set).GroupBy(edit => edit.Kind).ToDictionary(kind => kind.Key, kind => kind.Count());

        Assert.Equal(Enum.GetValues<EditKind>(), kinds.Keys.Order());
        Assert.All(kinds.Values, count => Assert.Equal(each, count));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Edits_StartFromWhatNoModelSaw_AndLeadToWhatItDid(string set) => Assert.All(Edits(set), edit =>
    {
        Assert.Contains(edit.Source, HeldOut);
        Assert.DoesNotContain(edit.Target, HeldOut);
    });

    [Theory]
    [MemberData(nameof(Sets))]
    public void Edits_ChangeTheStyleOrTheConcept_AndSayWhichInTheText(string set) => Assert.All(Edits(set), edit =>
    {
        Assert.Equal(edit.Kind == EditKind.Style, edit.Source.Style != edit.Target.Style);
        Assert.Equal(edit.Kind != EditKind.Style, edit.Source.Concept != edit.Target.Concept);
        Assert.EndsWith($", {edit.Target.Style} style", edit.Text, StringComparison.Ordinal);
        Assert.Contains(edit.Target.Style, EmojiStyle.All.Select(style => style.Name));
    });

    [Fact]
    public void Edits_AreAllDifferent_AndNoSourceIsUsedOften()
    {
        BenchEdit[] all = [.. BenchEdits.Bench, .. BenchEdits.Tuning];

        Assert.Equal(all.Length, all.Select(edit => edit.Id).Distinct().Count());
        Assert.Equal(all.Length, all.Select(edit => (edit.Source, edit.Target)).Distinct().Count());
        Assert.All(all.CountBy(edit => edit.Source), source => Assert.InRange(source.Value, 1, 2));
    }

    [Fact]
    public void Tuning_UsesNoSourceOfTheBench() =>
        Assert.Empty(BenchEdits.Tuning.Select(edit => edit.Source).Intersect(BenchEdits.Bench.Select(edit => edit.Source)));

    private static IReadOnlyList<BenchEdit> Edits(string set) => set == "bench" ? BenchEdits.Bench : BenchEdits.Tuning;
}
