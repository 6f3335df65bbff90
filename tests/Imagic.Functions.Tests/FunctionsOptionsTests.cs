using Imagic.Contracts;
using Microsoft.Extensions.Configuration;

namespace Imagic.Functions.Tests;

public class FunctionsOptionsTests
{
    [Fact]
    public void Read_OfNothing_GivesTheDefaults()
    {
        var options = Read();

        Assert.Equal((38_400, 1000, 100, 200, 7, false), (options.Budget, options.MaxUnderWay, options.MaxUnderWayPerCaller, options.MaxWaits, options.TuningDays, options.SignsIn));
        Assert.Equal(["emoji-64"], options.Models);
    }

    [Fact]
    public void Read_OfEachSetting_TakesIt()
    {
        var options = Read(("ImagicModels", "a, hub:owner/b@v1"), ("ImagicBudget", "7"), ("ImagicMaxUnderWay", "0"), ("ImagicMaxUnderWayPerCaller", "9"), ("ImagicMaxWaits", "5"), ("ImagicTuningDays", "0"), ("WEBSITE_AUTH_ENABLED", "True"));

        Assert.Equal((7, 0, 9, 5, 0, true), (options.Budget, options.MaxUnderWay, options.MaxUnderWayPerCaller, options.MaxWaits, options.TuningDays, options.SignsIn));
        Assert.Equal(["a", "b"], options.Models);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("many")]
    [InlineData("99999999999999999999")]
    public void Read_OfALimitThatIsNone_NamesTheSetting(string text) =>
        Assert.Contains("ImagicBudget", Assert.Throws<BadInputException>(() => Read(("ImagicBudget", text))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("30", 30)]
    [InlineData("0", 220)]
    [InlineData("900", 220)] // no call takes longer
    public void Read_OfThePatience_StaysWithinWhatACallMayTake(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(("ImagicPatience", text)).Patience);

    [Theory]
    [InlineData("-1")]
    [InlineData("3651")]
    [InlineData("a week")]
    public void Read_OfDaysThatAreNone_NamesTheSetting(string text) =>
        Assert.Contains("ImagicTuningDays", Assert.Throws<BadInputException>(() => Read(("ImagicTuningDays", text))).Message, StringComparison.Ordinal);

    private static FunctionsOptions Read(params (string Name, string Value)[] settings) => FunctionsOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());
}
