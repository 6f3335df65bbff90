using System.Text.Json;
using Imagic.LocalHost.Invocations;

namespace Imagic.LocalHost.Tests.Invocations;

/// <summary>
/// Expected values follow the real host's code and tests: azure-functions-host, DefaultHttpWorkerServiceTests and
/// ScriptInvocationContextExtensionsTests.
/// </summary>
public sealed class WireValueTests
{
    [Theory]
    [InlineData("hello", """ "\"hello\"" """)]
    [InlineData("""{"jobId":"a"}""", """ "\"{\\\"jobId\\\":\\\"a\\\"}\"" """)]
    [InlineData("a\nb", """ "\"a\\nb\"" """)]
    [InlineData("é 🌻 </script>", """ "\"é 🌻 </script>\"" """)]
    [InlineData("\u0001\u2028", """ "\"\\u0001\\u2028\"" """)]
    public void Text_Any_IsQuotedTwice(string value, string expected) => Assert.Equal(expected.Trim(), WireValue.Text(value));

    [Fact]
    public void Number_Any_IsAString() => Assert.Equal("\"4\"", WireValue.Number(4));

    [Fact]
    public void Time_WithFractions_IsCutToSeconds() => Assert.Equal(
        "\"2025-03-01T04:05:06+00:00\"", WireValue.Time(new DateTimeOffset(2025, 3, 1, 4, 5, 6, 789, TimeSpan.Zero)));

    [Theory]
    [InlineData("\"x\"", """ "\"x\"" """)]
    [InlineData("7", """ "\"7\"" """)]
    [InlineData("1.50", """ "\"1.5\"" """)]
    [InlineData("true", """ "\"True\"" """)]
    [InlineData("\"2025-03-01T04:05:06.789Z\"", """ "\"03/01/2025 04:05:06\"" """)]
    [InlineData("\"2025-03-01T\"", """ "\"2025-03-01T\"" """)]
    [InlineData("""{ "a": [1, 2.0, "b"], "c": null }""", """ {"a":[1,2.0,"b"],"c":null} """)]
    public void PayloadProperty_OfEachKind_IsAsNewtonsoftMakesIt(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Equal(expected.Trim(), WireValue.PayloadProperty(document.RootElement));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("null")]
    public void PayloadProperty_ListOrNull_IsLeftOut(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Null(WireValue.PayloadProperty(document.RootElement));
    }
}
