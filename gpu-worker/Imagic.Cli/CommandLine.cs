using System.CommandLine;
using Imagic.Client;
using Imagic.Contracts.Edits;
using Imagic.Diffusion.Weights;
using Imagic.Worker;
using Spectre.Console;

namespace Imagic.Cli;

/// <summary>Runs a command and turns its exceptions into one plain sentence and an exit code.</summary>
internal static class CommandLine
{
    // A step of a large model on a slow machine may take this long; Ctrl-C waits for it and its checkpoint.
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        // Lines for a file or a pipe are not broken at a terminal's width.
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 4096;
        // A text or a file name may begin with '@'; there are no response files.
        var parsed = root.Parse(args, new() { ResponseFileTokenReplacer = null });
        try
        {
            var code = await parsed.InvokeAsync(new()
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = LongestStep,
            });
            return parsed.Errors.Count > 0 ? ExitCode.BadInput : code;
        }
        catch (Exception exception) when (CodeOf(exception) is { } code)
        {
            // Not markup: messages quote file names and texts that may hold brackets.
            Terminal.WriteError($"imagic: {SentenceOf(exception)}");
            return code;
        }
    }

    /// <exception cref="BadInputException">It is none.</exception>
    public static EditId ParseEditId(string text) =>
        EditId.TryParse(text, out var id) ? id : throw new BadInputException($"'{text}' is no edit id: {EditId.Rule}.");

    // The libraries of Azure add the whole answer, and all that was tried, to the first line.
    private static string SentenceOf(Exception exception) => exception switch
    {
        Azure.RequestFailedException => $"The storage refuses or does not answer: {Failure.FirstLine(exception)}",
        Azure.Identity.AuthenticationFailedException =>
            $"Nobody is signed in who may use the storage account; 'az login' or 'azd auth login' helps. {Failure.FirstLine(exception)}",
        ImagicApiException { IsUnreachable: true } => $"{exception.Message} Start it with '{Checkout.Command} up', or name another with --server.",
        _ when Failure.Of(exception) == FailureKind.Machine => Failure.OfMachine(exception).Message,
        _ => exception.Message,
    };

    private static int? CodeOf(Exception exception) => exception switch
    {
        ImagicException { Kind: FaultKind.BadInput } or ModelPackageException { IsDiskFailure: false } => ExitCode.BadInput,
        ImagicException { Kind: FaultKind.NotSetUp } or DllNotFoundException or Azure.Identity.AuthenticationFailedException => ExitCode.NotSetUp,
        _ when Failure.Of(exception) == FailureKind.Machine => ExitCode.MachineFailed,
        ImagicException or System.Text.Json.JsonException or System.Runtime.InteropServices.ExternalException => ExitCode.Failed,
        _ when Failure.Of(exception) == FailureKind.Storage => ExitCode.Failed,
        OperationCanceledException => ExitCode.Stopped,
        _ => null,
    };
}

/// <summary>Something is missing that the set-up of the checkout makes; the sentence says what.</summary>
internal sealed class NotSetUpException(string message) : ImagicException("not-set-up", FaultKind.NotSetUp, message);
