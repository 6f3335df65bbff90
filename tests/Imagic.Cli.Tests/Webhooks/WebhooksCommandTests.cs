using Imagic.Webhooks;
using Imagic.Webhooks.Tests;

namespace Imagic.Cli.Tests.Webhooks;

public class WebhooksCommandTests
{
    [Fact]
    public async Task Secret_IsAnotherEachTimeAndTakenByTheSetting()
    {
        var ends = await Task.WhenAll(ImagicProcess.RunAsync("webhooks", "secret"), ImagicProcess.RunAsync("webhooks", "secret"));

        Assert.NotEqual(ends[0].Output, ends[1].Output);
        Assert.All(ends, end => Assert.Single(WebhookOptions.Read(name => name == WebhookOptions.SecretSetting ? end.Output.Trim() : null).Secrets));
    }

    [Fact]
    public async Task Test_OfAReceiverThatTakesIt_SendsASignedEvent()
    {
        await using var receiver = await Receiver.StartAsync();

        var end = await RunAsync(receiver, receiver.Url);

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Matches("^200 after [0-9]+ ms", end.Output);
        var call = Assert.Single(receiver.Calls);
        new StandardWebhooks.StandardWebhook(Receiver.Secret).Verify(call.Payload, call.Headers);
        Assert.Contains("\"type\":\"webhook.test\"", call.Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_OfAReceiverThatRedirects_SaysWhatToDo()
    {
        await using var receiver = await Receiver.StartAsync(Receiver.Answer(308, "Location", "/other"));

        var end = await RunAsync(receiver, receiver.Url);

        Assert.Equal(1, end.ExitCode);
        Assert.StartsWith("308", end.Output, StringComparison.Ordinal);
        Assert.Contains("Name the address that it leads to.", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_OfAnAddressThatIsNotPublic_SaysSo()
    {
        await using var receiver = await Receiver.StartAsync();

        var end = await RunAsync(receiver, "https://127.0.0.1:1/");

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("not public", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_WithoutASecret_SaysHowToMakeOne()
    {
        var end = await ImagicProcess.RunAsync("webhooks", "test", "https://example.com/");

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("imagic webhooks secret", end.Error, StringComparison.Ordinal);
    }

    private static async Task<ProcessEnd> RunAsync(Receiver receiver, string url)
    {
        var variables = new Dictionary<string, string> { [WebhookOptions.SecretSetting] = Receiver.Secret, [WebhookOptions.HostsSetting] = receiver.Address.Authority };
        using var process = ImagicProcess.Run(variables, "webhooks", "test", url);
        return await process.EndAsync();
    }
}
