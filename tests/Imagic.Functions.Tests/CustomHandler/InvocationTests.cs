using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Imagic.Functions.Tests.CustomHandler;

public class InvocationTests
{
    [Fact]
    public void Payload_OfAnyTextQuotedTwice_IsThatText() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        {
            // Lone surrogates do not survive JSON, a leading mark is taken off, and base64 of JSON is decoded.
            var plain = new string([.. text.Get.Where(c => !char.IsSurrogate(c))]).TrimStart('\uFEFF');
            return Read(HostCall.Envelope(plain)).Payload == plain;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("done")]
    [InlineData("test")]
    [InlineData("00000000000000000000000000000000")]
    public void Payload_ThatHappensToBeBase64_StaysAsItIs(string text) => Assert.Equal(text, Read(HostCall.Envelope(text)).Payload);

    [Theory]
    [InlineData("7", "7")]
    [InlineData("true", "true")]
    [InlineData("null", "")]
    [InlineData("\"\"", "")]
    [InlineData("\"\\\"\"", "\"")]
    [InlineData("\"\\\"half\"", "\"half")]
    [InlineData("{ \"a\": [1] }", "{ \"a\": [1] }")]
    public void Payload_OfOtherValues_IsTheirText(string json, string expected) =>
        Assert.Equal(expected, Read(Encoding.UTF8.GetBytes("{\"Data\":{\"message\":" + json + "}}")).Payload);

    [Fact]
    public void Metadata_OfAQueueMessage_IsReadThroughItsQuotes()
    {
        var invocation = Read(HostCall.Envelope("hello", dequeueCount: 3));

        Assert.Equal(("2b6c4f0a-90a1-4e0f-8f3b-6d6a1c9f1a55", 3), (invocation.MessageId, invocation.DequeueCount));
    }

    [Theory]
    [InlineData("{\"id\":\"x\"}", false, true)]
    [InlineData("{\"ID\":\"x\"}", false, true)]
    [InlineData("{\"dequeueCount\":99}", true, false)]
    [InlineData("{\"Id\":1,\"DequeueCount\":2}", false, false)]
    [InlineData("{\"other\":1}", true, true)]
    [InlineData("[{\"Id\":1}]", true, true)]
    [InlineData("{\"Id\":", true, true)]
    public void Metadata_ThatThePayloadMayHaveReplaced_IsNotTrusted(string payload, bool knowsId, bool knowsCount)
    {
        var invocation = Read(HostCall.Envelope(payload));

        Assert.Equal((knowsId, knowsCount), (invocation.MessageId is not null, invocation.DequeueCount is not null));
    }

    [Fact]
    public void TryRead_OfAnyBytes_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => Invocation.TryRead(bytes, "message", out var read) == read is not null)
            .QuickCheckThrowOnFailure();

    private static Invocation Read(byte[] body)
    {
        Assert.True(Invocation.TryRead(body, "message", out var invocation));
        return invocation;
    }
}
