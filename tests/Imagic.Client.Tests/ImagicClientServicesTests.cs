using Imagic.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static Imagic.Client.Tests.Answers;
using static Imagic.TestKit.ScriptedServer;

namespace Imagic.Client.Tests;

public class ImagicClientServicesTests
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registered_HasKeyRetriesAndTheHandlersOfTheProgram()
    {
        var (time, seen) = (new JumpingTime(), new List<string>());
        Action<HttpContext> note = context => seen.Add($"{context.Request.Headers["x-functions-key"]} {context.Request.Headers["x-signed"]}");
        await using var server = await StartAsync(note + Answer(503, "Retry-After", "4"), note + Answer(200, "Content-Length", "1000"), note + View(5, EditState.Running));
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time);
        services.AddImagicClient(options => (options.Address, options.FunctionKey) = (server.Address, "the-key")).AddHttpMessageHandler(() => new Signing());
        await using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<ImagicClient>();
        var edit = await client.GetAsync(Id, Token);

        Assert.Equal(5, edit.View.Sequence);
        Assert.Equal(["the-key signed", "the-key signed", "the-key signed"], seen);
        Assert.Contains(TimeSpan.FromSeconds(4), time.Waits);
        Assert.Same(client, provider.GetRequiredService<ImagicClient>());
    }

    [Fact]
    public async Task Registered_FollowsNoRedirects()
    {
        await using var elsewhere = await StartAsync();
        await using var server = await StartAsync(Answer(307, "Location", elsewhere.Address.ToString()));
        var services = new ServiceCollection();
        services.AddImagicClient(options => options.Address = server.Address);
        await using var provider = services.BuildServiceProvider();

        await Assert.ThrowsAsync<ImagicApiException>(() => provider.GetRequiredService<ImagicClient>().GetAsync(Id, Token));

        Assert.Empty(elsewhere.Bodies);
    }

    [Fact]
    public void Registered_WithoutAnAddress_SaysSoWhenItIsNeeded()
    {
        var services = new ServiceCollection();
        services.AddImagicClient();
        using var provider = services.BuildServiceProvider();

        Assert.Contains("Address", Assert.Throws<ArgumentException>(provider.GetRequiredService<ImagicClient>).Message, StringComparison.Ordinal);
    }

    private sealed class Signing : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Remove("x-signed");
            request.Headers.Add("x-signed", "signed");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
