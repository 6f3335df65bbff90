using System.CommandLine;
using System.Globalization;
using System.Text;
using Imagic.Contracts;
using Imagic.Storage;

namespace Imagic.Cli.Operations;

/// <summary><c>imagic poison</c>: shows the messages that could not be handled, and puts them back.</summary>
internal static class PoisonCommand
{
    private const int MaxShown = 32; // what one call of the queue service gives

    public static Command Create()
    {
        var requeue = new Option<bool>("--requeue") { Description = "Put them back on the queues that they came from" };
        var command = new Command("poison", "Shows messages that no worker could handle") { requeue };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var account = new StorageAccount(StorageOptions.FromEnvironment());
            foreach (var name in StoragePaths.Queues.Where(queue => queue.EndsWith(StoragePaths.PoisonSuffix, StringComparison.Ordinal)))
            {
                if (parsed.GetValue(requeue)) await RequeueAsync(account, name, cancellationToken);
                else await ShowAsync(account, name, cancellationToken);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ShowAsync(StorageAccount account, string name, CancellationToken cancellationToken)
    {
        var queue = account.Queues.GetQueueClient(name);
        var count = (await queue.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
        Terminal.WriteLine($"{name}: {count} message{(count == 1 ? "" : "s")}");
        if (count == 0) return;
        foreach (var message in (await queue.PeekMessagesAsync(MaxShown, cancellationToken)).Value)
        {
            var inserted = message.InsertedOn?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
            Terminal.WriteLine($"  {inserted}  {TextOf(message.Body.ToString())}");
        }
    }

    // Sent before it is deleted: what comes twice does no harm, what is lost does.
    private static async Task RequeueAsync(StorageAccount account, string name, CancellationToken cancellationToken)
    {
        var poison = account.Queues.GetQueueClient(name);
        var origin = account.Queues.GetQueueClient(name[..^StoragePaths.PoisonSuffix.Length]);
        // Those that are there now: one that comes back at once is not chased.
        var count = (await poison.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
        var moved = 0;
        while (moved < count && (await poison.ReceiveMessageAsync(cancellationToken: cancellationToken)).Value is { } message)
        {
            await origin.SendAsync(message.Body.ToString(), cancellationToken);
            await poison.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken);
            moved++;
        }

        Terminal.WriteLine($"{name}: {moved} message{(moved == 1 ? "" : "s")} put back on {origin.Name}");
    }

    private static string TextOf(string body)
    {
        try
        {
            return Encoding.UTF8.GetString(QueueText.Decode(body));
        }
        catch (FormatException)
        {
            return body;
        }
    }
}
