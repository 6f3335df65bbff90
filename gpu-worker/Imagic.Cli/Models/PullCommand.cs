using System.CommandLine;
using System.Globalization;
using Imagic.Cli.Progress;
using Imagic.Contracts.Models;
using Imagic.Editing;
using Imagic.Worker.Models.Hub;
using Spectre.Console;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models pull</c>: fetches a package from a hub, for the edits of this machine.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var model = new Argument<string[]>("model")
        {
            Description = "OWNER/NAME on the hub, with @REVISION for a branch, tag or commit; of a pixel cascade stage I and then stage II",
            Arity = new(1, 2),
        };
        var name = new Option<string?>("--name") { Description = "What edits will ask for; the model's name without its owner by default" };
        var variant = new Option<string?>("--variant") { Description = $"{HubPlan.HalfPrecision}: weights in half precision where there are such; half the bytes" };
        var hub = new Option<string?>("--hub") { Description = "Address of the hub; HF_ENDPOINT, or https://huggingface.co, by default" };
        var command = new Command("pull", "Fetches a package from a model hub; again, it goes on where it was stopped") { model, name, variant, hub };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var references = Array.ConvertAll(parsed.GetRequiredValue(model), HubReference.Parse);
            var target = parsed.GetValue(name) ?? (references is [var only] ? only.ModelName : throw new BadInputException("Two stages become one package: give it a name with --name."));
            if (ModelFolders.Find(target, ModelFolders.Root) is not null)
                throw new BadInputException($"'{target}' is the name of a model that ships with the program. Give another with --name.");
            using var client = new HubClient(HubOptions.FromEnvironment(parsed.GetValue(hub)), TimeProvider.System);
            var plan = references is [var one, var two]
                ? await HubPlan.MakeAsync(client, one, two, parsed.GetValue(variant), cancellationToken)
                : await HubPlan.MakeAsync(client, references[0], parsed.GetValue(variant), cancellationToken);
            Describe(AnsiConsole.Console, plan, client.Options);
            return await PullAsync(client, plan, target, AnsiConsole.Console, TimeProvider.System, cancellationToken);
        });
        return command;
    }

    private static void Describe(IAnsiConsole console, HubPlan plan, HubOptions hub)
    {
        foreach (var model in plan.Models)
        {
            var (files, page) = (plan.FilesOf(model), new Uri(hub.Address, model.Name));
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Name} at commit {model.Commit}: {files.Length + 1} files, {files.Sum(file => file.Length) / 1e6:F1} MB"));
            console.WriteLine($"licence: {model.License ?? "the card names none"}{(model.LicenseLink is { } link ? $", {link}" : "")}; terms and card: {page}");
            if (model.Gated is not null) console.WriteLine("Its owner gives it only to who has accepted the terms there; you have.");
        }

        foreach (var notice in plan.Notices) console.WriteLine(notice);
    }

    private static async Task<int> PullAsync(HubClient client, HubPlan plan, string name, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var speed = new TransferSpeed(time);
        var pull = new HubPull(client, ModelFolders.Pulled, new LocalDisk(), time);
        try
        {
            var pulled = await WorkDisplay.RunAsync<ModelTransfer, PulledModel>(
                console, time, name,
                transfer =>
                {
                    var text = $"{transfer.File}: {speed.Describe(transfer)}";
                    return new(text, transfer.Bytes, transfer.Of, text);
                },
                progress =>
                {
                    speed.Next = progress;
                    return pull.RunAsync(plan, name, speed, cancellationToken);
                });
            var seconds = time.GetElapsedTime(started).TotalSeconds;
            console.WriteLine(pulled.WasThere
                ? $"{name} is there already: {pulled.Package.Folder}"
                : string.Create(CultureInfo.InvariantCulture, $"{name}: {plan.Bytes / 1e6:F1} MB in {seconds:F1} s, {pulled.Package.Folder}"));
            console.WriteLine($"To edit with it: {Checkout.Command} edit PICTURE \"TEXT\" --model {name}");
            return await ModelsCommand.VerifyAsync(pulled.Package.Folder, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.WriteLine("Stopped. What was fetched is kept; the same command goes on from there.");
            return ExitCode.Stopped;
        }
    }
}

/// <summary>How fast bytes come and when they will all be there, by the last few seconds.</summary>
internal sealed class TransferSpeed(TimeProvider time) : IProgress<ModelTransfer>
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, long Bytes)> _seen = [];
    private long _last;

    /// <summary>Hears of each transfer after this.</summary>
    public IProgress<ModelTransfer>? Next { get; set; }

    public void Report(ModelTransfer value)
    {
        lock (_lock)
        {
            if (_seen.Count == 0 || time.GetElapsedTime(_last) >= Interval) _seen.Enqueue((_last = time.GetTimestamp(), value.Bytes));
            while (_seen.Count > 1 && time.GetElapsedTime(_seen.Peek().At) > Window) _seen.Dequeue();
        }

        Next?.Report(value);
    }

    public string Describe(ModelTransfer transfer)
    {
        var rate = 0.0;
        lock (_lock)
        {
            if (_seen.TryPeek(out var first)) rate = (transfer.Bytes - first.Bytes) / Math.Max(time.GetElapsedTime(first.At).TotalSeconds, 1e-3);
        }

        var left = rate > 0 ? $", {TimeSpan.FromSeconds(Math.Ceiling((transfer.Of - transfer.Bytes) / rate)):g} left" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{transfer.Bytes / 1e6:F0} of {transfer.Of / 1e6:F0} MB, {rate / 1e6:F1} MB/s{left}");
    }
}
