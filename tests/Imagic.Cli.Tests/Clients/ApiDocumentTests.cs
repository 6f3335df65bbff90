using System.Text.Json.Nodes;
using Imagic.Imaging;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Clients;

/// <summary>Others' tools on the API's document, as a pipeline that is up serves it.</summary>
[Collection(RunningEnvironmentTests.Name)]
public class ApiDocumentTests(RunningEnvironment environment)
{
    // Compiled with the client: what it says of types holds.
    private const string OneEdit =
        """
        using System.Linq;
        using System.Net.Http;
        using System.Threading;
        using System.Threading.Tasks;
        using Generated;

        public static class OneEdit
        {
            public static async Task<(string[] Told, byte[] Picture)> RunAsync(HttpClient http, byte[] picture, CancellationToken cancellationToken)
            {
                var api = new ImagicClient(http);
                HealthReport health = await api.HealthAsync(cancellationToken);
                UploadTicket ticket = await api.CreateUploadAsync(new() { Name = "heart.png" }, cancellationToken);
                using var content = new ByteArrayContent(picture);
                content.Headers.Add("x-ms-blob-type", "BlockBlob");
                (await http.PutAsync(ticket.Url, content, cancellationToken)).EnsureSuccessStatusCode();

                var request = new EditRequest
                {
                    Source = ticket.Name,
                    TargetText = "a green heart",
                    Settings = new() { Optimize = new() { Steps = 3 }, FineTune = new() { Steps = 3 }, Steps = 2, Etas = [0.5] },
                };
                EditView edit = await api.StartEditAsync("by-generated", request, cancellationToken: cancellationToken);
                while (edit.State is EditState.Queued or EditState.Running)
                    edit = await api.GetEditAsync(edit.EditId, prefer: "wait=60", cancellationToken: cancellationToken);
                LinkedResults results = await api.GetResultsAsync(edit.EditId, cancellationToken);
                var name = results.Files.Select(file => file.Name).First(file => file.EndsWith(".png"));
                FileLink file = await api.GetResultAsync(edit.EditId, name, cancellationToken);
                var bytes = await http.GetByteArrayAsync(file.Url, cancellationToken);

                EditList list = await api.ListEditsAsync(limit: "100", cancellationToken: cancellationToken);
                EditView cancelled = await api.CancelEditAsync(edit.EditId, cancellationToken);
                string refusal = "";
                try
                {
                    await api.GetEditAsync("never-started", cancellationToken: cancellationToken);
                }
                catch (ApiException<Problem> problem)
                {
                    refusal = $"{problem.StatusCode} {problem.Result.Code}";
                }

                return ([
                    health.Status, $"{edit.State}", string.Join(',', edit.Stages.Select(stage => stage.Stage)),
                    $"{list.Edits.Count(one => one.EditId == edit.EditId)}", $"{cancelled.State} {cancelled.CancelRequested}", refusal], bytes);
            }
        }
        """;

    [Fact]
    public async Task Redocly_FindsNothing()
    {
        using var folder = new TemporaryFolder();
        var document = Path.Combine(folder.Path, "openapi.json");
        await File.WriteAllTextAsync(document, await DocumentAsync(), TestContext.Current.CancellationToken);

        var (code, output, error) = await OthersPrograms.EndAsync(
            "env", "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "node", OthersPrograms.FromNpm("node_modules/@redocly/cli/bin/cli.js"),
            "lint", document, "--config", OthersPrograms.FromNpm("redocly.yaml"), "--format", "json");

        Assert.True(output.StartsWith('{'), error);
        var problems = JsonNode.Parse(output)!["problems"]!.AsArray();
        Assert.Empty(problems.Select(problem => $"{problem!["ruleId"]} at {problem["location"]![0]!["pointer"]}: {problem["message"]}"));
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task ClientByNSwag_EditsWithTypedAnswers()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var assembly = await GeneratedClient.CompileAsync(await DocumentAsync(), OneEdit, cancellationToken);
        var run = assembly.GetType("OneEdit", throwOnError: true)!.GetMethod("RunAsync")!
            .CreateDelegate<Func<HttpClient, byte[], CancellationToken, Task<(string[] Told, byte[] Picture)>>>();
        using var http = new HttpClient { BaseAddress = new(environment.Server) };

        var (told, picture) = await run(http, await File.ReadAllBytesAsync(OthersPrograms.Heart, cancellationToken), cancellationToken);

        Assert.Equal(["ok", "Succeeded", "Optimize,Finetune,Sample", "1", "Succeeded False", "404 edit-not-found"], told);
        Assert.Equal(ImageFormat.Png, ImageHeader.Read(picture).Format);
    }

    private async Task<string> DocumentAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync($"{environment.Server}/api/openapi.json", TestContext.Current.CancellationToken);
    }
}
