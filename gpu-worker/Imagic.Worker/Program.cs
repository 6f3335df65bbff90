using System.CommandLine;
using Imagic.Worker;

// What a container runs. In a checkout `./imagic worker` is the same.
var root = WorkerCommand.AddTo(new RootCommand("Takes stages of edits from queues and computes them."));
try
{
    // No response files: a folder's name may begin with '@'.
    var parsed = root.Parse(args, new() { ResponseFileTokenReplacer = null });
    var code = await parsed.InvokeAsync(new()
    {
        EnableDefaultExceptionHandler = false,
        // Signals are the host's.
        ProcessTerminationTimeout = null,
    });
    return parsed.Errors.Count > 0 ? 2 : code;
}
catch (Exception exception) when (Failure.Of(exception) is not FailureKind.Unforeseen)
{
    // All that the libraries tried follows after the first line; it is in the log.
    await Console.Error.WriteLineAsync($"imagic-worker: {Printable.Of(Failure.FirstLine(exception))}");
    return Failure.Of(exception) switch
    {
        FailureKind.Edit => 2,
        FailureKind.Machine => Failure.MachineExitCode,
        _ => 4,
    };
}
