using System.CommandLine;
using System.Globalization;
using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts.Edits;
using Spectre.Console;

namespace Imagic.Cli.Status;

/// <summary><c>imagic status</c>: the newest edits of a pipeline, or everything about one.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var server = new ServerOption();
        var id = new Argument<string?>("id") { Description = "An edit; without it, the newest are listed", Arity = ArgumentArity.ZeroOrOne };
        var list = new ListArguments();
        var command = new Command("status", "Shows how far edits are") { id, server.Option };
        list.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Client(parsed);
            if (parsed.GetValue(id) is { } text) await ShowOneAsync(client, CommandLine.ParseEditId(text), AnsiConsole.Console, cancellationToken);
            else await list.ShowAsync(parsed, client, AnsiConsole.Console, TimeProvider.System, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ShowOneAsync(ImagicClient client, EditId id, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var view = (await client.GetAsync(id, cancellationToken)).View;
        var stages = view.Settings.Stages();
        var names = Math.Max("finetune ".Length, stages.Max(stage => stage.Name().Length));
        console.WriteLine($"{view.EditId}: {EditText.State(view.State, view.CancelRequested)}");
        Row("text", view.Settings.TargetText);
        Row("picture", $"{view.Source.Name} ({view.Source.Format}, {view.Source.Width}x{view.Source.Height})");
        Row("model", view.Model);
        if (view.Batch is { } batch) Row("batch", $"{batch.Name}, line {batch.Line}");
        Row("started", view.Created.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        if (view.Ended is { } ended) Row("ended", $"{ended.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}, after {EditText.Duration(ended - view.Created)}");
        foreach (var stage in stages) Row(stage.Name(), EditText.Stage(view, stage));
        foreach (var notice in view.Notices) Row("note", notice);
        if (view.Error is { } error) Row("error", $"{error.Message} ({error.Code})");
        if (view.ResultSha256 is { } sha256) Row("sha256", sha256);

        void Row(string name, string value)
        {
            var room = Math.Max(20, console.Profile.Width - names - 4);
            foreach (var (index, piece) in ConsoleLog.Wrap(value, room).Index()) console.WriteLine($"  {(index == 0 ? name : "").PadRight(names)} {piece}");
        }
    }
}
