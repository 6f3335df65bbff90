using System.Text.Json.Nodes;
using Imagic.Imaging;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Clients;

/// <summary>Clients that others have written, against a pipeline that is up.</summary>
[Collection(RunningEnvironmentTests.Name)]
public class OthersClientsTests(RunningEnvironment environment)
{
    private const string Short =
        """{"optimize":{"steps":3},"fineTune":{"steps":3},"steps":2,"etas":[0.5]}""";

    [Fact]
    public async Task OpenAi_EditsStreamsAndIsRefusedAsByTheirOwnService()
    {
        using var folder = new TemporaryFolder();

        var told = await RunAsync("openai.js", environment.Server, OthersPrograms.Heart, Short, folder.Path);

        Assert.Equal(2, (int?)told["pictures"]);
        Assert.Equal(ImageFormat.Png, FormatOf("plain.png"));
        // Two edits, so the same but for their marks.
        Assert.InRange(Pixels("plain.png").Zip(Pixels("fetched.png"), (one, other) => Math.Abs(one - other)).Average(), 0, 4);
        Assert.Equal("image_edit.completed", (string?)told["events"]!.AsArray()[^1]);
        Assert.Equal(ImageFormat.Jpeg, FormatOf("streamed.jpg"));
        Assert.Equal(
            """{"is":true,"status":400,"code":"unknown-model","param":"model","type":"invalid_request_error"}""", told["refusal"]!.ToJsonString());

        byte[] Pixels(string file) => ImageCodec.Decode(File.ReadAllBytes(Path.Combine(folder.Path, file)), ImageLimits.Default).Pixels;

        ImageFormat FormatOf(string file) => ImageHeader.Read(File.ReadAllBytes(Path.Combine(folder.Path, file))).Format;
    }

    [Fact]
    public async Task Mcp_EditsAsAnAgentDoes()
    {
        var told = await RunAsync("mcp.js", environment.Server, OthersPrograms.Heart);

        Assert.Equal("imagic", (string?)told["server"]);
        Assert.Equal("""["cancel_edit","edit_image","get_edit","list_models"]""", told["tools"]!.ToJsonString());
        Assert.Equal($"""["{RunningEnvironment.Model}"]""", told["models"]!.ToJsonString());
        Assert.Equal("succeeded", (string?)told["state"]);
        Assert.Equal("""[{"type":"image/png","isPng":true}]""", told["images"]!.ToJsonString());
        Assert.True((bool?)told["refused"]!["isError"]);
        Assert.StartsWith("not-an-image: ", (string?)told["refused"]!["text"], StringComparison.Ordinal);
        Assert.False((bool?)told["cancelled"]);
        Assert.Empty(told["errors"]!.AsArray());
    }

    [Fact]
    public async Task Curl_EditsByAForm()
    {
        var (code, output, error) = await OthersPrograms.EndAsync("curl", "-sS", $"{environment.Server}/v1/images/edits",
            "-F", $"image=@{OthersPrograms.Heart}", "-F", "prompt=a green heart", "-F", $"settings={Short}");

        Assert.Equal((0, ""), (code, error));
        var picture = Assert.Single(JsonNode.Parse(output)!["data"]!.AsArray())!;
        Assert.Equal(ImageFormat.Png, ImageHeader.Read(Convert.FromBase64String((string)picture["b64_json"]!)).Format);
    }

    private static async Task<JsonNode> RunAsync(string script, params string[] arguments)
    {
        var (code, output, error) = await OthersPrograms.EndAsync("node", [OthersPrograms.FromNpm(script), .. arguments]);
        Assert.True(code == 0, $"{script} ended with {code}: {output} {error}");
        return JsonNode.Parse(output)!;
    }
}
