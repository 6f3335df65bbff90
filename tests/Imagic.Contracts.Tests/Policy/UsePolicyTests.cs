using Imagic.Contracts.Policy;

namespace Imagic.Contracts.Tests.Policy;

public class UsePolicyTests
{
    private const string Rules = """{"weapons": "\\b(gun|rifle)s?\\b", "names": "jane\\s+doe"}""";

    [Theory]
    [InlineData("a dog", null)]
    [InlineData("a gunboat", null)]
    [InlineData("a dog with a Gun", "weapons")]
    [InlineData("Jane \t\n DOE as a queen", "names")]
    public void Rule_FitsWholeTexts_WhateverTheirCaseAndGaps(string text, string? rule) => Assert.Equal(rule, UsePolicy.Read(Rules).RuleAgainst(text));

    [Fact]
    public void NoSetting_RefusesNothing() => Assert.All((string?[])[null, "", " ", "{}"], setting => Assert.Null(UsePolicy.Read(setting).RuleAgainst("a gun")));

    [Fact]
    public void File_IsRead_AndMissedByItsName()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("policy").FullName, "rules.json");
        File.WriteAllText(file, Rules);

        Assert.Equal("weapons", UsePolicy.Read(file).RuleAgainst("a rifle"));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.Contains(file, Assert.Throws<BadInputException>(() => UsePolicy.Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a": "x", "a": "y"}""", "has a rule twice")]
    [InlineData("""{"a": """, "is no JSON")]
    [InlineData("""{"a": 7}""", "the rule 'a' without a pattern")]
    [InlineData("""{"a": " "}""", "the rule 'a' without a pattern")]
    [InlineData("""{"": "x"}""", "whose name is empty")]
    [InlineData("""{"a": "("}""", "the rule 'a', whose pattern cannot be used")]
    [InlineData("""{"a": "(?=x)y"}""", "the rule 'a', whose pattern cannot be used")]
    [InlineData("""{"a": "x*"}""", "whose pattern fits every text")]
    public void RulesThatCannotBeUsed_AreRefusedByName(string rules, string words) =>
        Assert.Contains(words, Assert.Throws<BadInputException>(() => UsePolicy.Read(rules)).Message, StringComparison.Ordinal);
}
