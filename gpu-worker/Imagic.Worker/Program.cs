using System.CommandLine;
using Azure;
using Azure.Identity;
using Imagic.Storage;
using Imagic.Worker;

// What a container runs. In a checkout `./imagic worker` is the same.
var root = WorkerCommand.AddTo(new RootCommand("Takes stages of edits from queues and computes them."));
try
{
    var parsed = root.Parse(args);
    var code = await parsed.InvokeAsync(new()
    {
        EnableDefaultExceptionHandler = false,
        // Signals are the host's.
        ProcessTerminationTimeout = null,
    });
    return parsed.Errors.Count > 0 ? 2 : code;
}
catch (BadInputException exception)
{
    await Console.Error.WriteLineAsync($"imagic-worker: {Printable.Of(exception.Message)}");
    return 2;
}
catch (Exception exception) when (exception is RequestFailedException or AuthenticationFailedException or IOException or AggregateException or DllNotFoundException)
{
    // All that the libraries tried follows after the first line; it is in the log.
    await Console.Error.WriteLineAsync($"imagic-worker: {Printable.Of(exception.Message.Split('\n')[0].Trim())}");
    return 4;
}
