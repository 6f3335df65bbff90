using System.CommandLine;
using Imagic.Cli.Up;
using Spectre.Console;

namespace Imagic.Cli.Batch;

/// <summary><c>imagic batch</c>: many edits from one manifest, with the pictures of this machine.</summary>
internal static class BatchCommand
{
    public static Command Create()
    {
        var manifest = new Argument<string>("manifest") { Description = "JSON Lines or CSV with source and targetText on each line; pictures are looked for beside it" };
        var output = new Option<string>("--out", "-o") { Description = "Folder for the summary and the suggested pictures", DefaultValueFactory = _ => "batch" };
        var server = new ServerOption();
        var environment = new LocalEnvironmentArguments();
        var command = new Command("batch", "Edits all pictures of a manifest and waits for the end") { manifest, output, server.Option };
        environment.AddTo(command, hidden: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (console, time) = (AnsiConsole.Console, TimeProvider.System);
            var given = server.Given(parsed);
            var read = await LocalManifest.ReadAsync(parsed.GetRequiredValue(manifest), cancellationToken);
            var own = given is null ? environment.Options(parsed) : null;
            await using var pipeline = new PipelineConnection(given ?? own!.Address, own, console, time);
            return await new BatchRun(read, pipeline, Path.GetFullPath(parsed.GetRequiredValue(output)), console, time).RunAsync(cancellationToken);
        });
        return command;
    }
}
