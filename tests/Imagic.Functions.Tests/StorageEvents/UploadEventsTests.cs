using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Tests;

namespace Imagic.Functions.Tests.StorageEvents;

public class UploadEventsTests(AzuriteFixture azurite)
{
    private const string Uploads = StoragePaths.Uploads;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Picture_WithItsTextInMetadata_StartsAnEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync(
            "cat.png", Pictures.Cat, ("targettext", "a smiling cat"), ("model", "emoji-64"), ("settings", """{"seeds":[7],"optimize":{"steps":5}}"""));

        await app.DeliverAsync(Uploads, "cat.png");

        var edit = Assert.Single(await app.EditsAsync());
        Assert.StartsWith("upload-", edit.EditId.Value, StringComparison.Ordinal);
        Assert.Equal(("a smiling cat", "emoji-64", 5), (edit.Settings.TargetText, edit.Model, edit.Settings.Optimize.Steps));
        Assert.Equal([7L], edit.Settings.Sample.Seeds);
        Assert.Equal(("cat.png", Pictures.Sha256(Pictures.Cat), "PNG", 256), (edit.Source.Name, edit.Source.Sha256, edit.Source.Format, edit.Source.Width));
        Assert.Equal(edit.EditId, Assert.Single(await app.MessagesAsync()).EditId);
        Assert.Null(await app.Account.Uploads.ProblemAsync("cat.png"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Picture_WithItsTextInASidecar_StartsOneEditWhicheverComesFirst(bool sidecarFirst)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        const string sidecar = "\uFEFF{\"targetText\":\"ein lächelndes Kätzchen\",\"size\":{\"width\":64,\"height\":64}}";
        string[] names = sidecarFirst ? ["in/cat.png.json", "in/cat.png"] : ["in/cat.png", "in/cat.png.json"];

        foreach (var name in names)
        {
            if (name.EndsWith(".json", StringComparison.Ordinal)) await app.Account.Uploads.TextAsync(name, sidecar);
            else await app.ImageAsync(name, Pictures.Cat);
            Assert.Empty(await app.EditsAsync());
            await app.DeliverAsync(Uploads, name);
        }

        // And again, in the other order: replays change nothing.
        foreach (var name in names.Reverse()) await app.DeliverAsync(Uploads, name);

        var edit = Assert.Single(await app.EditsAsync());
        Assert.Equal(("ein lächelndes Kätzchen", new WorkingSize(64, 64), "in/cat.png"), (edit.Settings.TargetText, edit.Size, edit.Source.Name));
        Assert.Single(await app.MessagesAsync());
        Assert.Equal(["in/cat.png", "in/cat.png.json"], await NamesAsync(app));
    }

    [Fact]
    public async Task Sidecar_WithItsEndingInCapitals_IsOne()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("IMG_1.JPG", Pictures.Cat);
        await app.Account.Uploads.TextAsync("IMG_1.JPG.JSON", """{"targetText":"a dog"}""");

        await app.DeliverAsync(Uploads, "IMG_1.JPG.JSON");

        Assert.Equal("IMG_1.JPG", Assert.Single(await app.EditsAsync()).Source.Name);
    }

    // There is no room for the ending behind the longest.
    [Theory]
    [InlineData("a//b.png")]
    [InlineData("cat.")]
    [InlineData(1024)]
    [InlineData(1000)]
    public async Task Picture_UnderANameThatIsNotAccepted_GetsAnAnswerBesideIt(object name)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var blob = name as string ?? new string('a', (int)name - 4) + ".png";
        await app.ImageAsync(blob, Pictures.Cat, ("targettext", "a dog"));

        await app.DeliverAsync(Uploads, blob);

        var answer = Assert.Single(await NamesAsync(app), other => other.EndsWith(".problem.json", StringComparison.Ordinal));
        Assert.StartsWith(answer[..^".problem.json".Length], blob, StringComparison.Ordinal);
        Assert.Empty(await app.EditsAsync());
    }

    [Fact]
    public async Task BothEvents_AtTheSameTime_StartOneEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat);
        await app.Account.Uploads.TextAsync("cat.png.json", """{"targetText":"a smiling cat"}""");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => app.DeliverAsync(Uploads, i % 2 == 0 ? "cat.png" : "cat.png.json")));

        Assert.Single(await app.EditsAsync());
    }

    [Fact]
    public async Task Picture_WithoutText_IsDoneWithAndWaits()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("uploads/0193-ticket.png", Pictures.Cat);

        await app.DeliverAsync(Uploads, "uploads/0193-ticket.png");

        await app.AssertNothingWrittenAsync();
        Assert.Equal(["uploads/0193-ticket.png"], await NamesAsync(app));
    }

    [Fact]
    public async Task Event_OfAPictureThatIsGone_IsDoneWith()
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await app.DeliverAsync(Uploads, "cat.png");
        await app.DeliverAsync(Uploads, "cat.png.json");

        Assert.Empty(await NamesAsync(app));
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Picture_Overwritten_IsAnotherEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat, ("targettext", "a smiling cat"));
        await app.DeliverAsync(Uploads, "cat.png");
        await app.ImageAsync("cat.png", Pictures.Heart, ("targettext", "a smiling cat"));
        await app.DeliverAsync(Uploads, "cat.png");
        await app.DeliverAsync(Uploads, "cat.png"); // the older event, late

        Assert.Equal(
            new[] { Pictures.Sha256(Pictures.Cat), Pictures.Sha256(Pictures.Heart) }.Order(),
            (await app.EditsAsync()).Select(edit => edit.Source.Sha256).Order());
    }

    [Fact]
    public async Task Sidecar_WithOtherText_IsAnotherEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat);
        await app.Account.Uploads.TextAsync("cat.png.json", """{"targetText":"a smiling cat"}""");
        await app.DeliverAsync(Uploads, "cat.png.json");
        await app.Account.Uploads.TextAsync("cat.png.json", """{"targetText":"a sleeping cat"}""");
        await app.DeliverAsync(Uploads, "cat.png.json");

        Assert.Equal(["a sleeping cat", "a smiling cat"], (await app.EditsAsync()).Select(edit => edit.Settings.TargetText).Order());
    }

    [Fact]
    public async Task Metadata_AndSidecar_TakeTheMetadata()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat, ("targettext", "of the metadata"));
        await app.Account.Uploads.TextAsync("cat.png.json", """{"targetText":"of the sidecar"}""");

        await app.DeliverAsync(Uploads, "cat.png");
        await app.DeliverAsync(Uploads, "cat.png.json");

        Assert.Equal("of the metadata", Assert.Single(await app.EditsAsync()).Settings.TargetText);
    }

    [Theory]
    [InlineData("ein%20l%C3%A4chelndes%20K%C3%A4tzchen%20%F0%9F%98%80", "ein lächelndes Kätzchen 😀")]
    [InlineData("a 100% woollen cat", "a 100% woollen cat")]
    [InlineData("a cat + a hat", "a cat + a hat")]
    [InlineData("50%25 grey", "50% grey")]
    [InlineData("100%", "100%")]
    [InlineData("%zz %4", "%zz %4")]
    public async Task TargetText_InMetadata_IsDecodedWhenItIsPercentEncodedUtf8(string metadata, string expected)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat, ("targettext", metadata));

        await app.DeliverAsync(Uploads, "cat.png");

        Assert.Equal(expected, Assert.Single(await app.EditsAsync()).Settings.TargetText);
    }

    public static TheoryData<string, byte[], (string, string)[]> Refused => new()
    {
        { "not-an-image", "just some text, whatever the name says"u8.ToArray(), [("targettext", "a smiling cat")] },
        { "not-an-image", [], [("targettext", "a smiling cat")] },
        { "picture-too-large", Pictures.PngOfSize(30_000, 30_000), [("targettext", "a smiling cat")] },
        { "invalid-setting", Pictures.Cat, [("targettext", "%20%20")] },
        { "invalid-setting", Pictures.Cat, [("targettext", "a smiling cat"), ("settings", """{"steps":0}""")] },
        { "unknown-member", Pictures.Cat, [("targettext", "a smiling cat"), ("settings", """{"step":1}""")] },
        { "invalid-json", Pictures.Cat, [("targettext", "a smiling cat"), ("settings", "steps=1")] },
        { "unknown-model", Pictures.Cat, [("targettext", "a smiling cat"), ("model", "best")] },
        { "invalid-text", Pictures.Cat, [("targettext", "%FF%FE")] },
        { "invalid-text", Pictures.Cat, [("targettext", "a 50%fat cat")] },
        { "invalid-text", Pictures.Cat, [("targettext", "%ED%A0%80")] },
        { "invalid-text", Pictures.Cat, [("targettext", "a smiling cat"), ("model", "%C3")] },
        { "invalid-text", Pictures.Cat, [("targettext", "a smiling cat"), ("settings", """{"profile":"%C3("}""")] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Picture_ThatIsRefused_GetsAProblemBesideItAndStartsNothing(string code, byte[] content, (string, string)[] metadata)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.jpg", content, metadata);

        await app.DeliverAsync(Uploads, "cat.jpg");
        await app.DeliverAsync(Uploads, "cat.jpg.problem.json");

        Assert.Equal(code, (string?)(await app.Account.Uploads.ProblemAsync("cat.jpg"))?["code"]);
        Assert.Equal(["cat.jpg", "cat.jpg.problem.json"], await NamesAsync(app));
        await app.AssertNothingWrittenAsync();
    }

    public static TheoryData<string, string> RefusedSidecars => new()
    {
        { "invalid-json", "" },
        { "invalid-json", "targetText: a smiling cat" },
        { "invalid-json", "[]" },
        { "unknown-member", """{"targettext":"a smiling cat"}""" },
        { "invalid-member", """{"targetText":7}""" },
        { "invalid-member", """{"targetText":"a","targetText":"b"}""" },
        { "invalid-setting", "{}" },
        { "invalid-text", """{"targetText":"\ud800"}""" },
        { "foreign-source", """{"targetText":"a smiling cat","source":"other.png"}""" },
        { "sidecar-too-large", $$"""{"targetText":"{{new string('x', 65_536)}}"}""" },
    };

    [Theory]
    [MemberData(nameof(RefusedSidecars))]
    public async Task Sidecar_ThatIsRefused_GetsAProblemBesideThePicture(string code, string sidecar)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat);
        await app.Account.Uploads.TextAsync("cat.png.json", sidecar);

        await app.DeliverAsync(Uploads, "cat.png.json");

        Assert.Equal(code, (string?)(await app.Account.Uploads.ProblemAsync("cat.png"))?["code"]);
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Sidecar_ThatIsNoUtf8_IsRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat);
        await app.ImageAsync("cat.png.json", [.. "{\"targetText\":\"K"u8, 0xE4, .. "tzchen\"}"u8]);

        await app.DeliverAsync(Uploads, "cat.png.json");

        Assert.Equal("invalid-text", (string?)(await app.Account.Uploads.ProblemAsync("cat.png"))?["code"]);
        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(".json")]
    [InlineData("in/.json")]
    [InlineData("cat..json")]
    public async Task Blob_WhoseNameIsLittleButTheEndingOfASidecar_IsAPictureAsAnyOther(string name)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync(name, Pictures.Cat, ("targettext", "a smiling cat"));

        await app.DeliverAsync(Uploads, name);

        Assert.Equal(name, Assert.Single(await app.EditsAsync()).Source.Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Picture_InTheFolderThatMeansPicturesByKey_IsRefused(bool hasText)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.Account.Tickets.UploadBlobAsync("cat.png", BinaryData.FromBytes(Pictures.Heart), Token);
        await app.ImageAsync("tickets/cat.png", Pictures.Cat, hasText ? [("targettext", "a smiling cat")] : []);

        await app.DeliverAsync(Uploads, "tickets/cat.png");

        Assert.Equal("reserved-name", (string?)(await app.Account.Uploads.ProblemAsync("tickets/cat.png"))?["code"]);
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Problem_IsTakenAwayByALaterSuccess()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync("cat.png", Pictures.Cat);
        await app.Account.Uploads.TextAsync("cat.png.json", """{"targetTxt":"a smiling cat"}""");
        await app.DeliverAsync(Uploads, "cat.png.json");
        Assert.NotNull(await app.Account.Uploads.ProblemAsync("cat.png"));

        await app.Account.Uploads.TextAsync("cat.png.json", """{"targetText":"a smiling cat","source":"cat.png"}""");
        await app.DeliverAsync(Uploads, "cat.png.json");

        Assert.Null(await app.Account.Uploads.ProblemAsync("cat.png"));
        Assert.Single(await app.EditsAsync());
    }

    [Theory]
    [InlineData("my cat (1).png")]
    [InlineData("Straße/Kätzchen 100%.png")]
    [InlineData("a+b&c=d#e?f.png")]
    [InlineData("50%25.png")]
    [InlineData("%41.png")]
    [InlineData("猫😀.png")]
    [InlineData("quote'\"<>.png")]
    public async Task Picture_WithAnyName_IsFound(string name)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.ImageAsync(name, Pictures.Cat, ("targettext", "a smiling cat"));

        await app.DeliverAsync(Uploads, name);

        Assert.Equal(name, Assert.Single(await app.EditsAsync()).Source.Name);
    }

    [Fact]
    public async Task LargePicture_IsCopiedWhole()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var picture = Pictures.OfLength(5_000_000);
        await app.ImageAsync("large.png", picture, ("targettext", "a smiling cat"));

        await app.DeliverAsync(Uploads, "large.png");

        var edit = Assert.Single(await app.EditsAsync());
        Assert.Equal((Pictures.Sha256(picture), 5_000_000), (edit.Source.Sha256, edit.Source.Bytes));
    }

    private static async Task<string[]> NamesAsync(FunctionApp app) =>
        await app.Account.Uploads.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Token).Select(blob => blob.Name).ToArrayAsync(Token);
}
