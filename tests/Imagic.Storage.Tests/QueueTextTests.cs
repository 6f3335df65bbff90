using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Imagic.Storage.Tests;

public class QueueTextTests
{
    [Fact]
    public void Decode_OfWhatEncodeGives_IsTheSame() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => QueueText.Decode(QueueText.Encode(bytes)).AsSpan().SequenceEqual(bytes))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_OfAnyBytes_IsAsciiThatAQueueTakes() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => QueueText.Encode(bytes).All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '='))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_OfRawJson_IsItsUtf8() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string[]>(), texts =>
        {
            var json = JsonSerializer.Serialize(texts);
            return QueueText.Decode(json).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(json))
                && QueueText.Decode($" \r\n\t{json}").AsSpan().EndsWith(Encoding.UTF8.GetBytes(json));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_OfAnyText_GivesBytesOrRefuses() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        {
            try
            {
                return QueueText.Decode(text.Get) is not null;
            }
            catch (FormatException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("hello, world")]
    [InlineData("<xml/>")]
    [InlineData("eyJhIjoxfQ")]
    public void Decode_OfNeither_IsRefused(string text) => Assert.Throws<FormatException>(() => QueueText.Decode(text));
}
