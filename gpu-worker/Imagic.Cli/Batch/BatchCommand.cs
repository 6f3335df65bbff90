using System.CommandLine;
using Imagic.Cli.Api;
using Imagic.Cli.Up;
using Imagic.Storage;
using Spectre.Console;

namespace Imagic.Cli.Batch;

/// <summary><c>imagic batch</c>: many edits from one manifest, with the pictures of this machine.</summary>
internal static class BatchCommand
{
    public static Command Create()
    {
        var manifest = new Argument<string>("manifest") { Description = "JSON Lines or CSV with source and targetText on each line; pictures are looked for beside it" };
        var output = new Option<string>("--out", "-o") { Description = "Folder for the summary and the suggested pictures", DefaultValueFactory = _ => "batch" };
        var storage = new Option<string?>("--storage") { Description = $"Connection string of the pipeline's storage; by default the variable {StorageOptions.Connection}, or else this machine's" };
        var environment = new LocalEnvironmentArguments();
        var command = new Command("batch", "Edits all pictures of a manifest and waits for the end") { manifest, output, storage };
        environment.AddTo(command, hidden: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (console, time) = (AnsiConsole.Console, TimeProvider.System);
            var read = await LocalManifest.ReadAsync(parsed.GetRequiredValue(manifest), cancellationToken);
            var folder = Path.GetFullPath(parsed.GetRequiredValue(output));
            var connection = parsed.GetValue(storage) ?? Environment.GetEnvironmentVariable(StorageOptions.Connection);
            if (connection is { Length: > 0 }) return await new BatchRun(read, Open(connection), folder, console, time).RunAsync(null, cancellationToken);

            var own = environment.Options(parsed);
            await using var pipeline = new PipelineConnection(own.Address, own, console, time);
            return await new BatchRun(read, Open(own.ConnectionString), folder, console, time).RunAsync(pipeline, cancellationToken);
        });
        return command;
    }

    private static StorageAccount Open(string connection)
    {
        try
        {
            return new(new StorageOptions { ConnectionString = connection });
        }
        catch (FormatException exception)
        {
            throw new BadInputException($"The connection string of the storage cannot be read: {exception.Message}");
        }
    }
}
