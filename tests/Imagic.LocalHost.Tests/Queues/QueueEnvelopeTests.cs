using System.Text;
using Azure.Storage.Queues.Models;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Queues;

namespace Imagic.LocalHost.Tests.Queues;

public sealed class QueueEnvelopeTests
{
    private static readonly DateTimeOffset Inserted = new(2025, 11, 24, 15, 30, 1, 250, TimeSpan.Zero);

    [Fact]
    public void Create_PlainText_IsByteForByteTheHosts() => Assert.Equal(
        """
        {"Data":{"item":"\"hello\""},"Metadata":{"DequeueCount":"2","ExpirationTime":"2025-12-01T15:30:01+00:00","Id":"\"3a2f\"","InsertionTime":"2025-11-24T15:30:01+00:00","NextVisibleTime":"2025-11-24T15:40:01+00:00","PopReceipt":"\"MjQ=\"","sys":{"MethodName":"Item","UtcNow":"2025-11-24T15:30:01.25","RandGuid":"00000000-0000-0000-0000-000000000000"}}}
        """.Replace("01.25\"", "01.25Z\"", StringComparison.Ordinal),
        Create("hello"));

    [Fact]
    public void Create_JsonObject_MergesItsPropertiesOverTheHostsOwn()
    {
        var envelope = Create("""{"id":"mine","popReceipt":null,"count":3,"list":[1],"nested":{"a":1},"blobTrigger":"x"}""");

        Assert.StartsWith("""{"Data":{"item":"\"{\\\"id\\\":\\\"mine\\\",""", envelope);
        Assert.Contains("\"Id\":\"\\\"mine\\\"\",", envelope);
        Assert.Contains("\"PopReceipt\":\"\\\"MjQ=\\\"\",", envelope);
        Assert.EndsWith(",\"count\":\"\\\"3\\\"\",\"nested\":{\"a\":1}}}", envelope);
        Assert.DoesNotContain("\"blobTrigger\":\"", envelope);
    }

    [Theory]
    [InlineData("[1,2]")]
    [InlineData("{broken")]
    [InlineData("")]
    public void Create_NoJsonObject_MergesNothing(string text) => Assert.EndsWith("-000000000000\"}}}", Create(text));

    private static string Create(string text) => Encoding.UTF8.GetString(QueueEnvelope.Create(
        new QueueFunction("Item", "item", "items"),
        QueuesModelFactory.QueueMessage("3a2f", "MjQ=", new BinaryData("ignored"), 2, Inserted.AddMinutes(10), Inserted, Inserted.AddDays(7)),
        text,
        Inserted,
        Guid.Empty));
}
