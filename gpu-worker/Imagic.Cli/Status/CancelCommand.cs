using System.CommandLine;
using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts.Edits;

namespace Imagic.Cli.Status;

/// <summary><c>imagic cancel</c>: gives an edit up.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var server = new ServerOption();
        var id = new Argument<string>("id") { Description = "The edit" };
        var command = new Command("cancel", "Gives an edit up, after the step at hand") { id, server.Option };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Client(parsed);
            var view = (await client.CancelAsync(CommandLine.ParseEditId(parsed.GetRequiredValue(id)), cancellationToken)).View;
            Terminal.WriteLine(view.State switch
            {
                EditState.Cancelled => $"{view.EditId} is cancelled.",
                EditState.Succeeded or EditState.Failed => $"{view.EditId} had {view.State.Name()} before; nothing was changed.",
                _ => $"{view.EditId} ends at its next step.",
            });
            return ExitCode.Done;
        });
        return command;
    }
}
