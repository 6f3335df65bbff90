using System.Net;
using System.Text;
using Imagic.Cli.Api;
using Imagic.Contracts.Edits;
using Imagic.Storage.Resilience;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using static Imagic.TestKit.ScriptedServer;

namespace Imagic.Cli.Tests.Api;

public class ImagicClientTests
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    private readonly JumpingTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_AtAServerThatRestarts_SendsThePictureAgainWhenItIsTold()
    {
        await using var server = await StartAsync(Answer(503, "Retry-After", "2"), Break);
        using var client = new ImagicClient(server.Address, _time);
        byte[] picture = [1, 2, 3, 250, 251, 252];

        // The answer that comes in the end is no edit.
        await Assert.ThrowsAsync<ApiException>(() => client.StartAsync(Id, new() { TargetText = "a bird" }, "a.png", picture, Token));

        Assert.Equal(3, server.Bodies.Count);
        Assert.All(server.Bodies, body => Assert.True(body.AsSpan().IndexOf(picture) > 0, "a body without the picture"));
        Assert.Equal(TimeSpan.FromSeconds(2), _time.Waits.First());
    }

    [Fact]
    public async Task Upload_WhoseAnswerIsLost_TakesAnotherTicket()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.png");
        await File.WriteAllBytesAsync(path, [1, 2, 3], Token);
        await using var server = await StartAsync(Ticket("first"), Break, Answer(403), Ticket("second"), Answer(201));
        using var client = new ImagicClient(server.Address, _time);

        Assert.Equal("second", await client.UploadAsync(path, Token));

        Assert.Equal(3, server.Bodies.Count(body => body is [1, 2, 3]));
    }

    [Fact]
    public async Task Upload_OfAPictureWhoseNameIsRefused_LeavesTheNameOut()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.jfif");
        await File.WriteAllBytesAsync(path, [1, 2, 3], Token);
        await using var server = await StartAsync(Json(415, _ => """{"code":"unsupported-format"}"""), Ticket("some"));
        using var client = new ImagicClient(server.Address, _time);

        Assert.Equal("some", await client.UploadAsync(path, Token));

        Assert.Equal(["{\"name\":\"a.jfif\"}", "{}"], server.Bodies.Take(2).Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public async Task Call_RefusedEachTime_EndsWithWhatTheServerSays()
    {
        await using var server = await StartAsync([.. Enumerable.Repeat(Answer(503), 10)]);
        using var client = new ImagicClient(server.Address, _time);

        var exception = await Assert.ThrowsAsync<ApiException>(() => client.DownloadAsync(Id, "a.png", Token));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 1 + ResiliencePipelines.MaxRetries), (exception.Status, server.Bodies.Count));
    }

    [Fact]
    public async Task Call_OfAServerThatHangsUpEachTime_IsUnreachable()
    {
        await using var server = await StartAsync([.. Enumerable.Repeat<Action<HttpContext>>(Break, 10)]);
        using var client = new ImagicClient(server.Address, _time);

        await Assert.ThrowsAsync<UnreachableException>(() => client.DownloadAsync(Id, "a.png", Token));

        Assert.Equal(1 + ResiliencePipelines.MaxRetries, server.Bodies.Count);
    }

    [Fact]
    public async Task Call_WithNobodyThere_IsUnreachableAtOnce()
    {
        var server = await StartAsync();
        using var client = new ImagicClient(server.Address, _time);
        await server.DisposeAsync();

        await Assert.ThrowsAsync<UnreachableException>(() => client.DownloadAsync(Id, "a.png", Token));

        Assert.Empty(_time.Waits);
    }

    private static Action<HttpContext> Ticket(string name) =>
        Json(201, server => $$"""{"name":"{{name}}","url":"{{server}}/uploads/{{name}}?key","expires":"2026-01-01T00:00:00Z"}""");
}
