using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Contracts.Webhooks;
using Imagic.Webhooks;

namespace Imagic.Cli.Webhooks;

/// <summary><c>imagic webhooks</c>: what who sets webhooks up needs before an edit ends.</summary>
internal static class WebhooksCommand
{
    private const int SecretBytes = 32;

    public static Command Create()
    {
        var url = new Argument<string>("url") { Description = "The webhook, as an edit would name it" };
        var test = new Command("test", $"Calls a webhook from this machine, signed with the secret in {WebhookOptions.SecretSetting}") { url };
        test.SetAction((parsed, cancellationToken) => TestAsync(parsed.GetRequiredValue(url), TimeProvider.System, cancellationToken));
        var secret = new Command("secret", $"Makes a secret for {WebhookOptions.SecretSetting}");
        secret.SetAction(_ => Terminal.WriteLine(WebhookOptions.Secret(RandomNumberGenerator.GetBytes(SecretBytes))));
        return new("webhooks", "Helps to set up webhooks") { test, secret };
    }

    private static async Task<int> TestAsync(string text, TimeProvider time, CancellationToken cancellationToken)
    {
        var options = WebhookOptions.Read(Environment.GetEnvironmentVariable);
        if (options.Secrets.Count == 0)
            throw new BadInputException($"There is no secret in {WebhookOptions.SecretSetting}. 'imagic webhooks secret' makes one; the service and the receiver need the same.");
        var url = WebhookUrl.Check(text, options);
        var payload = JsonSerializer.Serialize(
            new(WebhookTypes.Test, time.GetUtcNow(), new("This is a test; no edit has ended.")), ContractsJsonContext.Default.WebhookEventWebhookTest);
        using var caller = new WebhookCaller(options, time);
        var started = time.GetTimestamp();
        var answer = await caller.CallAsync(url, $"msg_test_{Guid.NewGuid():N}", payload, wantsBody: true, cancellationToken);
        Terminal.WriteLine($"{answer.Status?.ToString() ?? answer.Problem} after {time.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        foreach (var line in answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Terminal.WriteLine($"  {line}");
        if (answer.IsSuccess) return ExitCode.Done;
        Terminal.WriteError($"imagic: The webhook was not delivered: {Why(answer)}");
        return ExitCode.CheckFailed;
    }

    private static string Why(WebhookAnswer answer) => answer switch
    {
        { Problem: "timeout" } => $"no answer came within {WebhookCaller.Timeout.TotalSeconds:F0} s.",
        { Problem: "forbidden-address" } => $"its name leads to no public address. Where that is meant, name the host in {WebhookOptions.HostsSetting}.",
        { Problem: not null } => "nobody answers there, or not by the certificate of that name.",
        { Status: >= 300 and < 400 } => "it redirects, which is not followed. Name the address that it leads to.",
        { Status: 410 } => "410 means that it is to be called no more.",
        _ => "only an answer of 2xx counts.",
    };
}
