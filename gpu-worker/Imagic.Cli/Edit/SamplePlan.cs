using System.CommandLine;
using System.Text.Json;
using Imagic.Client;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>What <c>imagic edit --from</c> is to do: more pictures of a tuning that is there.</summary>
/// <param name="From">The edit that was tuned.</param>
/// <param name="Request">What is to be sampled.</param>
internal sealed record SamplePlan(EditId From, SampleRequest Request) : IEditStart
{
    /// <summary>Reads the command line; what belongs to the tuning is refused by the service, which knows it.</summary>
    public static SamplePlan Check(EditArguments arguments, ParseResult parsed)
    {
        // What comes first is the picture, where there is one.
        if (parsed.GetValue(arguments.Text) is { } second)
            throw new BadInputException($"--from takes the picture of the other edit. Give only the sentence, or none; '{second}' is too much.");
        if (arguments.WorkingSize(parsed) is not null) throw new BadInputException("--size belongs to the tuning. Leave it out, or start a new edit with its picture.");
        return new(
            CommandLine.ParseEditId(parsed.GetRequiredValue(arguments.From)!),
            new() { TargetText = parsed.GetValue(arguments.Picture), Settings = arguments.Overrides(parsed) });
    }

    public void Describe(IAnsiConsole console) =>
        console.WriteLine($"Sampling the tuning of {From} again{(Request.TargetText is { } text ? $": \"{text}\"" : "")}");

    // The same call is the same edit, whoever makes it and how often.
    public Task<FetchedEdit> StartAsync(ImagicClient client, int attempt, CancellationToken cancellationToken) => client.SampleAsync(
        From, Request, EditId.Derive("cli", From.Value, JsonSerializer.Serialize(Request, ContractsJsonContext.Default.SampleRequest), $"{attempt}").Value, cancellationToken);
}
