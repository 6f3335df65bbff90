using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;

namespace Imagic.Contracts.Tests;

public class VersioningTests
{
    private static readonly byte[] Message = JsonSerializer.SerializeToUtf8Bytes(
        new StageMessage(EditId.Parse("cat"), EditStage.Sample), ContractsJsonContext.Default.StageMessage);

    [Fact]
    public void Read_OfTheCurrentSchema_GivesTheValue() => Assert.Equal(new(EditId.Parse("cat"), EditStage.Sample), Read(Message));

    [Fact]
    public void Read_OfANewerSchema_RefusesByNameEvenWhenTheRestDoesNotFit()
    {
        var exception = Assert.Throws<SchemaException>(() => Read("""{"editId":{"now":"an object"},"schema":2}"""u8.ToArray()));

        Assert.Equal(2, exception.Schema);
        Assert.Contains("the message", exception.Message, StringComparison.Ordinal);
        Assert.Contains("schema 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfATypeWithALayoutOfItsOwn_KnowsThatOneOnly()
    {
        Assert.Equal(new Newer(7), Versioning.Read("""{"schema":7,"Schema":7}"""u8, VersioningTestsJsonContext.Default.Newer, "it"));
        Assert.Contains("knows 7", Assert.Throws<SchemaException>(() =>
            Versioning.Read("""{"schema":1}"""u8, VersioningTestsJsonContext.Default.Newer, "it")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("1.5")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("99999999999")]
    public void Read_OfASchemaThatIsNoNumber_RefusesByName(string schema) =>
        Assert.Equal(0, Assert.Throws<SchemaException>(() => Read(Encoding.UTF8.GetBytes($$"""{"schema":{{schema}}}"""))).Schema);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"editId":"cat"}""")]
    [InlineData("""{"inner":{"schema":1}}""")]
    [InlineData("""{"schema":1}""")]
    [InlineData("""{"schema":1,"editId":"NO","stage":"sample"}""")]
    public void Read_OfOtherJson_IsRefused(string json) => Assert.ThrowsAny<JsonException>(() => Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Read_OfAnyBeginning_IsRefused()
    {
        for (var length = 0; length < Message.Length; length++)
        {
            var cut = Message[..length];
            Assert.ThrowsAny<JsonException>(() => Read(cut));
        }
    }

    [Fact]
    public void Read_OfAnyBytes_GivesAValueOrRefuses() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            try
            {
                return Read(bytes) is not null;
            }
            catch (Exception exception) when (exception is JsonException or SchemaException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();

    private static StageMessage Read(byte[] json) => Versioning.Read(json, ContractsJsonContext.Default.StageMessage, "the message");
}

internal sealed record Newer(int Schema) : IVersioned
{
    public static int CurrentSchema => 7;
}

[JsonSerializable(typeof(Newer))]
internal sealed partial class VersioningTestsJsonContext : JsonSerializerContext;
