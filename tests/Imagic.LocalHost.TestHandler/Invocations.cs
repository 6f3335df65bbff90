using System.Text.Json;

namespace Imagic.LocalHost.TestHandler;

/// <summary>Functions called by envelope. The text of the message, or the body of the request, says how to behave.</summary>
internal static class Invocations
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Handles one.</summary>
    public static async Task HandleAsync(string function, HttpContext context, Recorder recorder)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        recorder.Write("begin", function, body, context.Request.Headers.Select(header => KeyValuePair.Create(header.Key, header.Value.ToString())));
        var response = context.Response;
        switch (Order(body))
        {
            case "fail":
                response.StatusCode = 500;
                break;
            case "nothing":
                response.ContentType = "application/json";
                break;
            case "null":
                await response.WriteAsJsonAsync<object?>(null);
                break;
            case "text":
                await response.WriteAsync("done");
                break;
            case "broken":
                response.ContentType = "application/json";
                await response.WriteAsync("{\"Outputs\":");
                break;
            case "crash":
                Environment.Exit(9);
                break;
            case "hang":
                await Task.Delay(Timeout.Infinite);
                break;
            case "wait":
                while (!File.Exists(Environment.GetEnvironmentVariable("TEST_RELEASE"))) await Task.Delay(PollInterval);
                await AnswerAsync(response, "{}");
                break;
            case "teapot":
                await AnswerAsync(response, """{"res":{"statusCode":418,"headers":{"X-Test":"yes"},"body":{"is":"tea"}}}""");
                break;
            case "bad-output":
                await AnswerAsync(response, """{"res":"no object"}""");
                break;
            default:
                await AnswerAsync(response, """{"res":{"status":"200","body":"fine"}}""");
                break;
        }

        recorder.Write("end", function, body, []);
    }

    private static Task AnswerAsync(HttpResponse response, string outputs)
    {
        response.ContentType = "application/json";
        return response.WriteAsync($$"""{"Outputs":{{outputs}},"Logs":["said by the function"],"ReturnValue":null}""");
    }

    // Texts of messages are quoted twice on the way; bodies of requests once.
    private static string Order(string envelope)
    {
        using var document = JsonDocument.Parse(envelope);
        var input = document.RootElement.GetProperty("Data").EnumerateObject().First().Value;
        if (input.ValueKind == JsonValueKind.Object) return input.TryGetProperty("Body", out var body) ? body.GetString()! : "";
        using var text = JsonDocument.Parse(input.GetString()!);
        return text.RootElement.GetString()!;
    }
}
