using System.CommandLine;
using Imagic.Runtime.Storage;
using Imagic.Worker;

// What a container runs. In a checkout `./imagic worker` is the same.
var root = WorkerCommand.AddTo(new RootCommand("Takes stages of edits from queues and computes them."));
try
{
    return await root.Parse(args).InvokeAsync(new()
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = WorkerCommand.TerminationTimeout,
    });
}
catch (Exception exception) when (exception is EditInputException or StorageOptionsException)
{
    await Console.Error.WriteLineAsync($"imagic-worker: {exception.Message}");
    return 2;
}
