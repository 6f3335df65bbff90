using Microsoft.AspNetCore.Http;

namespace Imagic.Cli.Tests.Up;

public class ServerOptionTests
{
    [Theory]
    [InlineData("the-key", "the-key", "open")]
    [InlineData("the-key", "the-key", "status")]
    [InlineData("", "", "watch")]
    public async Task Command_WithAFunctionKeyInTheEnvironment_ShowsItToTheApi(string variable, string expected, string command)
    {
        var keys = new List<string>();
        Action<HttpContext> note = context => keys.Add(context.Request.Headers["x-functions-key"].ToString());
        await using var server = await ScriptedServer.StartAsync(
            note + ScriptedServer.Json(404, _ => """{"title":"There is no edit 'cat-1'.","status":404,"code":"edit-not-found"}"""));

        using var process = ImagicProcess.Run(
            new Dictionary<string, string> { ["IMAGIC_FUNCTION_KEY"] = variable }, command, "cat-1", "--server", server.Address.AbsoluteUri);
        var end = await process.EndAsync();

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("cat-1", end.Error, StringComparison.Ordinal);
        Assert.Equal([expected], keys);
    }
}
