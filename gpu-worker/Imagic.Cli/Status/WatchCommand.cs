using System.CommandLine;
using Imagic.Cli.Edit;
using Imagic.Cli.Pictures;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Spectre.Console;

namespace Imagic.Cli.Status;

/// <summary><c>imagic watch</c>: follows an edit that somebody started.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var server = new ServerOption();
        var id = new Argument<string>("id") { Description = "The edit" };
        var output = new Option<string?>("--out", "-o") { Description = "Folder for the results; without it they stay where they are" };
        var noPictures = TerminalPicture.SwitchOff();
        var command = new Command("watch", "Follows an edit until it has ended") { id, output, noPictures, server.Option };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var edit = CommandLine.ParseEditId(parsed.GetRequiredValue(id));
            var folder = parsed.GetValue(output) is { } path ? new ResultFolder(Path.GetFullPath(path), !parsed.GetValue(noPictures)) : null;
            await using var pipeline = server.Connect(parsed, AnsiConsole.Console, TimeProvider.System);
            return await RunAsync(pipeline, edit, folder, AnsiConsole.Console, TimeProvider.System, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        PipelineConnection pipeline, EditId id, ResultFolder? folder, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        var view = (await pipeline.Client.GetAsync(id, cancellationToken)).View;
        if (folder is not null) Directory.CreateDirectory(folder.Root);
        if (view.State.HasEnded())
        {
            console.WriteLine($"{id} had ended before.");
        }
        else
        {
            try
            {
                view = await EditFollower.RunAsync(console, pipeline, view, folder is null ? null : new(folder.Root), time, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                EditFollower.DescribeLeft(console, pipeline, id);
                return ExitCode.Stopped;
            }
        }

        EditFollower.ThrowUnlessSucceeded(view);
        if (folder is null)
        {
            console.WriteLine($"{id} has succeeded. To see it: {Checkout.Command} open {id}{ServerOption.Typed(pipeline.Server)}");
            return ExitCode.Done;
        }

        await ResultDownload.RunAsync(pipeline, view, folder.Root, cancellationToken);
        folder.Describe(console, await ResultFolder.ReadRecordAsync(folder.Root, cancellationToken), view.Stages.Sum(stage => stage.Seconds));
        return ExitCode.Done;
    }
}
