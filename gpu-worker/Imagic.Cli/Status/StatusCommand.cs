using System.CommandLine;
using System.Globalization;
using Imagic.Cli.Api;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Spectre.Console;

namespace Imagic.Cli.Status;

/// <summary><c>imagic status</c>: the newest edits of a pipeline, or everything about one.</summary>
internal static class StatusCommand
{
    private const int PageSize = 100;

    public static Command Create()
    {
        var server = new ServerOption();
        var id = new Argument<string?>("id") { Description = "An edit; without it, the newest are listed", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit", "-n") { Description = "Edits to list", DefaultValueFactory = _ => 20 };
        var command = new Command("status", "Shows how far edits are") { id, limit, server.Option };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(limit) < 1) throw new BadInputException($"--limit takes a number from 1; got '{parsed.GetValue(limit)}'.");
            using var client = new ImagicClient(server.Given(parsed) ?? LocalEnvironmentArguments.DefaultAddress, TimeProvider.System);
            if (parsed.GetValue(id) is { } text) await ShowOneAsync(client, CommandLine.ParseEditId(text), AnsiConsole.Console, cancellationToken);
            else await ListAsync(client, parsed.GetValue(limit), AnsiConsole.Console, TimeProvider.System, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ListAsync(ImagicClient client, int limit, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        var newest = new List<EditSummary>();
        string? continuation = null;
        do
        {
            var page = await client.ListAsync(Math.Min(PageSize, limit - newest.Count), continuation, cancellationToken);
            foreach (var unreadable in page.Unreadable ?? []) console.WriteLine($"{unreadable}: its record cannot be read; 'status {unreadable}' says why.");
            newest.AddRange(page.Edits);
            continuation = page.Continuation;
        }
        while (continuation is not null && newest.Count < limit);

        if (newest.Count == 0)
        {
            console.WriteLine($"There are no edits at {client.Server}.");
            return;
        }

        var table = new Table().NoBorder();
        foreach (var title in new[] { "edit", "state", "progress", "age", "text" })
            table.AddColumn(new TableColumn(title) { NoWrap = title != "text", Padding = new(0, 0, 2, 0) });
        foreach (var edit in newest)
        {
            table.AddRow(
                new Text(edit.EditId.Value), new Text(EditText.State(edit.State, edit.CancelRequested)), new Text(EditText.Progress(edit)),
                new Text(EditText.Duration(time.GetUtcNow() - edit.Created)), new Text(Printable.Of(edit.TargetText)));
        }

        console.Write(table);
        if (continuation is not null) console.WriteLine("There are older ones; --limit shows more.");
    }

    private static async Task ShowOneAsync(ImagicClient client, EditId id, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var view = (await client.GetAsync(id, null, cancellationToken))!.View;
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
