using System.CommandLine;
using Imagic.Cli.Edit;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Editing;
using Spectre.Console;

namespace Imagic.Cli.Open;

/// <summary><c>imagic open</c>: the page of a pipeline, or the report of an edit, in the browser.</summary>
internal static class OpenCommand
{
    public static Command Create()
    {
        var server = new ServerOption();
        var id = new Argument<string?>("id") { Description = "An edit that has succeeded; without it, the page is opened", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("open", "Opens the page, or the report of an edit") { id, server.Option };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var pipeline = server.Connect(parsed, AnsiConsole.Console, TimeProvider.System);
            if (parsed.GetValue(id) is not { } given)
            {
                var page = pipeline.Server.GetLeftPart(UriPartial.Authority);
                if (!await pipeline.Client.IsThereAsync(cancellationToken))
                    throw new BadInputException($"No Imagic answers at {page}. Start it with '{Checkout.Command} up', or name another with --server.");
                await OpenAsync(page, cancellationToken);
                return ExitCode.Done;
            }

            var edit = CommandLine.ParseEditId(given);
            var view = (await pipeline.Client.GetAsync(edit, cancellationToken)).View;
            var typed = $"{edit}{ServerOption.Typed(pipeline.Server)}";
            if (!view.State.HasEnded()) throw new BadInputException($"{edit} has not ended and has no report yet. To follow it: {Checkout.Command} watch {typed}");
            if (view.State != EditState.Succeeded) throw new BadInputException($"{edit} has {view.State.Name()} and has no report. To see why: {Checkout.Command} status {typed}");

            var report = await ResultDownload.FileAsync(pipeline, edit, ResultManifest.ReportFile, cancellationToken);
            // A folder of its own, which others can neither foresee nor read. The browser reads it when it likes: it stays.
            var file = Path.Combine(Directory.CreateTempSubdirectory("imagic-").FullName, $"{edit}.html");
            using (var written = new LocalDisk().Create(file)) written.Write(report);
            await OpenAsync(file, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task OpenAsync(string page, CancellationToken cancellationToken) =>
        Terminal.WriteLine(await SystemOpener.OpenAsync(page, cancellationToken) ? $"Opened {page}" : page);
}
