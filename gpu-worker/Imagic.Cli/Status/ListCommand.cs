using System.CommandLine;
using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts.Edits;
using Imagic.Worker;
using Spectre.Console;

namespace Imagic.Cli.Status;

/// <summary><c>imagic list</c>: the newest edits of a pipeline.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var server = new ServerOption();
        var list = new ListArguments();
        var command = new Command("list", "Lists the newest edits") { server.Option };
        list.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Client(parsed);
            await list.ShowAsync(parsed, client, AnsiConsole.Console, TimeProvider.System, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }
}

/// <summary>Which edits are listed; <c>status</c> without an edit lists the same.</summary>
internal sealed class ListArguments
{
    private const int PageSize = 100;

    private readonly Option<int> _limit = new("--limit", "-n") { Description = "Edits to list", DefaultValueFactory = _ => 20 };
    private readonly Option<EditState?> _state = EnumOption.Create<EditState>("--state", "Only the edits in this state");

    public void AddTo(Command command)
    {
        command.Add(_limit);
        command.Add(_state);
    }

    public async Task ShowAsync(ParseResult parsed, ImagicClient client, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        var (limit, state) = (parsed.GetValue(_limit), parsed.GetValue(_state));
        if (limit < 1) throw new BadInputException($"--limit takes a number from 1; got '{limit}'.");
        var newest = new List<EditSummary>();
        string? continuation = null;
        do
        {
            var page = await client.ListAsync(Math.Min(PageSize, limit - newest.Count), continuation, state, cancellationToken);
            foreach (var unreadable in page.Unreadable ?? []) console.WriteLine($"{unreadable}: its record cannot be read; 'status {unreadable}' says why.");
            newest.AddRange(page.Edits);
            continuation = page.Continuation;
        }
        while (continuation is not null && newest.Count < limit);

        if (newest.Count == 0)
        {
            console.WriteLine($"There are no {(state is { } wanted ? $"{wanted.Name()} " : "")}edits at {client.Address}.");
            return;
        }

        console.Write(Table(newest, time.GetUtcNow()));
        if (continuation is not null) console.WriteLine("There are older ones; --limit shows more.");
    }

    private static Table Table(List<EditSummary> edits, DateTimeOffset now)
    {
        var table = new Table().NoBorder();
        foreach (var title in new[] { "edit", "state", "progress", "age", "text" })
            table.AddColumn(new TableColumn(title) { NoWrap = title != "text", Padding = new(0, 0, 2, 0) });
        foreach (var edit in edits)
        {
            table.AddRow(
                new Text(edit.EditId.Value), new Text(EditText.State(edit.State, edit.CancelRequested)), new Text(EditText.Progress(edit)),
                new Text(EditText.Duration(now - edit.Created)), new Text(Printable.Of(edit.TargetText)));
        }

        return table;
    }
}
