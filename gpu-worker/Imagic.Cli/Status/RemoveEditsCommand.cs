using System.CommandLine;
using Imagic.Cli.Up;
using Imagic.Client;

namespace Imagic.Cli.Status;

/// <summary><c>imagic rm</c>: deletes edits and batches, and waits until they are gone.</summary>
internal static class RemoveEditsCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var server = new ServerOption();
        var ids = new Argument<string[]>("id") { Description = "The edits", Arity = ArgumentArity.ZeroOrMore };
        var batch = new Option<string?>("--batch") { Description = "A batch, by the name of its manifest: all its edits and all that was written for it" };
        var command = new Command("rm", "Deletes edits and all that belongs to them") { ids, batch, server.Option };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var edits = (parsed.GetValue(ids) ?? []).Select(CommandLine.ParseEditId).ToArray();
            var name = parsed.GetValue(batch);
            if (edits is [] && name is null) throw new BadInputException("rm takes the ids of edits, or --batch with the name of a batch.");
            using var client = server.Client(parsed);
            // All are asked for first: those that are at work stop side by side.
            foreach (var id in edits) await client.DeleteAsync(id, cancellationToken);
            foreach (var id in edits)
            {
                await UntilAsync(async () => await client.FindAsync(id, cancellationToken) is null, cancellationToken);
                Terminal.WriteLine($"{id} is gone.");
            }

            if (name is not null)
            {
                await UntilAsync(() => client.DeleteBatchAsync(name, cancellationToken), cancellationToken);
                Terminal.WriteLine($"{name} is gone.");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task UntilAsync(Func<Task<bool>> isGone, CancellationToken cancellationToken)
    {
        while (!await isGone()) await Task.Delay(PollInterval, cancellationToken);
    }
}
