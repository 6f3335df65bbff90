using System.Text.Json;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Webhooks;

namespace Imagic.Contracts.Tests.Webhooks;

public class WebhookMessageTests
{
    private static readonly EditRecord Ended = new()
    {
        EditId = EditId.Parse("cat-1"),
        State = EditState.Failed,
        Created = new(2026, 3, 1, 12, 0, 0, 123, 456, TimeSpan.Zero),
        Ended = new(2026, 3, 1, 13, 0, 0, 7, 8, TimeSpan.Zero),
        RequestHash = "hash",
        Model = "emoji-64",
        Settings = EditProfile.All["emoji-64"].For("a dog"),
        Source = new("photo.png", new('0', 64), 1000, "PNG", 64, 64),
        Webhook = "https://example.com/",
    };

    [Fact]
    public void Of_TheSameEnd_IsTheSameWhoeverReadIt()
    {
        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(Ended, ContractsJsonContext.Default.EditRecord), ContractsJsonContext.Default.EditRecord)!;

        Assert.Equal(WebhookMessage.Of(Ended), WebhookMessage.Of(read with { Sequence = 9, Created = read.Created.ToOffset(TimeSpan.FromHours(2)) }));
        Assert.Matches("^msg_[0-9a-f]{32}$", WebhookMessage.Of(Ended).Id);
    }

    [Fact]
    public void Of_AnotherEnd_HasAnotherId()
    {
        EditRecord[] records =
        [
            Ended,
            Ended with { EditId = EditId.Parse("cat-2") },
            Ended with { State = EditState.Cancelled },
            Ended with { Ended = Ended.Ended!.Value.AddTicks(1) },
            Ended with { Created = Ended.Created.AddTicks(1) },
        ];

        Assert.Equal(records.Length, records.Select(record => WebhookMessage.Of(record).Id).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"schema":1,"id":"msg_1","editId":"cat-1"}""", true)]
    [InlineData("""{"schema":1,"id":"msg_1","batch":"pets.csv","tries":3}""", true)]
    [InlineData("""{"schema":1,"id":"msg_1"}""", false)]
    [InlineData("""{"schema":1,"id":"msg_1","editId":"cat-1","batch":"pets.csv"}""", false)]
    [InlineData("""{"schema":1,"editId":"cat-1"}""", false)]
    public void Read_OfAMessage_WantsAnEditOrABatch(string json, bool isGood)
    {
        var read = Record.Exception(() => Versioning.Read(System.Text.Encoding.UTF8.GetBytes(json), ContractsJsonContext.Default.WebhookMessage, "message"));

        if (isGood) Assert.Null(read);
        else Assert.IsType<JsonException>(read);
    }
}
