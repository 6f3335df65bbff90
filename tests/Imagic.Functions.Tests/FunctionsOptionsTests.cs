using Imagic.Contracts;
using Microsoft.Extensions.Configuration;

namespace Imagic.Functions.Tests;

public class FunctionsOptionsTests
{
    [Fact]
    public void Read_OfNothing_GivesTheDefaults()
    {
        var options = Read();

        Assert.Equal((38_400, 1000, 100, false), (options.Budget, options.MaxUnderWay, options.MaxUnderWayPerCaller, options.SignsIn));
        Assert.Equal(["emoji-64"], options.Models);
    }

    [Fact]
    public void Read_OfEachSetting_TakesIt()
    {
        var options = Read(("ImagicModels", "a, hub:owner/b@v1"), ("ImagicBudget", "7"), ("ImagicMaxUnderWay", "0"), ("ImagicMaxUnderWayPerCaller", "9"), ("WEBSITE_AUTH_ENABLED", "True"));

        Assert.Equal((7, 0, 9, true), (options.Budget, options.MaxUnderWay, options.MaxUnderWayPerCaller, options.SignsIn));
        Assert.Equal(["a", "b"], options.Models);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("many")]
    [InlineData("99999999999999999999")]
    public void Read_OfALimitThatIsNone_NamesTheSetting(string text) =>
        Assert.Contains("ImagicBudget", Assert.Throws<BadInputException>(() => Read(("ImagicBudget", text))).Message, StringComparison.Ordinal);

    private static FunctionsOptions Read(params (string Name, string Value)[] settings) => FunctionsOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());
}
