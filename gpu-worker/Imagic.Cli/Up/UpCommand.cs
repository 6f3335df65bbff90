using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Worker;
using Spectre.Console;

namespace Imagic.Cli.Up;

/// <summary><c>imagic up</c>: the whole pipeline on this machine, until Ctrl-C.</summary>
internal static class UpCommand
{
    // Of one machine; each wants a core and a model in memory.
    private const int MaxWorkers = 64;

    public static Command Create()
    {
        var arguments = new LocalEnvironmentArguments();
        var workers = new Option<int>("--workers") { Description = "Worker processes; 0 for none, when they run elsewhere", DefaultValueFactory = _ => 1 };
        var options = new Argument<string[]>("worker options")
        {
            Description = "After --: options of the workers, e.g. -- --threads 2; imagic worker --help lists them",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("up", "Runs the whole pipeline on this machine") { options };
        arguments.AddTo(command, hidden: false);
        command.Add(workers);
        command.SetAction((parsed, cancellationToken) =>
        {
            if (parsed.GetValue(workers) is not (>= 0 and <= MaxWorkers and var count))
                throw new BadInputException($"--workers takes a number from 0 to {MaxWorkers}; got '{parsed.GetValue(workers)}'.");
            var workerArguments = parsed.GetValue(options) ?? [];
            if (WorkerCommand.Create().Parse(workerArguments).Errors is [var error, ..]) throw new BadInputException($"The options of the workers cannot be used: {error.Message}");
            // Workers find those by themselves, unless they are told where to look.
            var models = Environment.GetEnvironmentVariable(ModelEntry.Setting) is null && !workerArguments.Contains("--models") ? string.Join(',', ModelFolders.Names) : null;
            var environment = arguments.Options(parsed) with { Workers = count, WorkerArguments = workerArguments, Models = models };
            return RunAsync(environment, AnsiConsole.Console, TimeProvider.System, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(LocalEnvironmentOptions options, IAnsiConsole console, TimeProvider time, CancellationToken interrupted)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        // A terminal that is closed: everything still has to end in its order.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        var cancellationToken = stop.Token;
        var started = time.GetTimestamp();
        console.WriteLine("Starting storage, function app and workers …");
        try
        {
            await using var environment = await LocalEnvironment.StartAsync(options, new ConsoleLog(console, time), time, cancellationToken);
            Describe(console, environment, time.GetElapsedTime(started));
            var failed = environment.FailedAsync(cancellationToken);
            await ((Task)failed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!cancellationToken.IsCancellationRequested) throw new IOException($"{await failed} Everything else was stopped.");
            console.WriteLine("Stopping: workers leave a checkpoint first …");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Before it was up.
        }

        console.WriteLine("Imagic is down.");
        return ExitCode.Done;
    }

    private static void Describe(IAnsiConsole console, LocalEnvironment environment, TimeSpan elapsed)
    {
        var options = environment.Options;
        var storage = environment.Account.Blobs.Uri;
        var workers = options.Workers switch { 0 => "none", 1 => "1 process", var count => $"{count} processes" };
        var elsewhere = options.Address == LocalEnvironmentArguments.DefaultAddress ? "" : $" --server {options.AddressText}";
        string[] lines =
        [
            "",
            string.Create(CultureInfo.InvariantCulture, $"Imagic is up after {elapsed.TotalSeconds:F1} s. Ctrl-C ends it."),
            "",
            $"Open {options.AddressText} in a browser: drop a picture, say what it should show.",
            "",
            $"  API       {options.AddressText}/api/edits",
            $"  health    {options.AddressText}/api/health",
            $"  storage   {storage}{(environment.IsStorageShared ? " (was running before)" : "")}",
            $"            containers {string.Join(", ", StoragePaths.Containers)}",
            $"  data      {options.DataFolder}",
            $"  workers   {workers}",
            "",
            "Or edit a picture from another terminal:",
            $"  {Checkout.Command} edit PICTURE \"target text\"{elsewhere}",
            "Edit many, from a manifest in JSON Lines or CSV:",
            $"  {Checkout.Command} batch MANIFEST{(options.BlobPort == LocalEnvironmentArguments.DefaultBlobPort ? "" : " --storage CONNECTION-STRING")}",
            $"Or drop a picture into the container {StoragePaths.Uploads}, with its text in",
            "the metadata 'targettext' or beside it in PICTURE.json.",
            "",
        ];
        foreach (var line in lines) console.WriteLine(line);
    }
}
