using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Imagic.Contracts.Results;
using Imagic.Imaging;
using Imagic.Marks.Checking;

namespace Imagic.Cli.Verify;

/// <summary><c>imagic verify</c>: what pictures carry of their origin.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("file") { Description = "Pictures", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON for each picture" };
        var command = new Command("verify", "Tells which marks of its origin a picture carries") { files, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(files), parsed.GetValue(json)));
        return command;
    }

    private static int Run(IReadOnlyList<string> files, bool isJson)
    {
        foreach (var file in files)
        {
            var marks = Read(file);
            if (isJson)
            {
                Terminal.WriteLine(JsonSerializer.Serialize(marks, ContractsJsonContext.Default.MarksReport));
                continue;
            }

            Terminal.WriteLine($"{file}: {marks.Summary}");
            foreach (var finding in marks.Findings)
            {
                Terminal.WriteLine($"  {finding.Layer.Name(),-20} {finding.Certainty.Name(),-9} {finding.Says}");
                if (finding.Signer is { } signer) Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {"",-20} {"",-9} signed by {signer}{(finding.Time is { } time ? $", {time:yyyy-MM-dd HH:mm} as it says" : "")}"));
                foreach (var problem in finding.Problems) Terminal.WriteLine($"  {"",-20} {"",-9} {problem}");
            }
        }

        return ExitCode.Done;
    }

    private static MarksReport Read(string file)
    {
        if (new FileInfo(file) is not { Exists: true } found) throw new BadInputException($"There is no picture '{file}'.");
        if (found.Length > ImageLimits.Default.MaxBytes)
            throw new BadInputException($"'{file}' is larger than {ImageLimits.Default.MaxBytes >> 20} MiB; give a smaller or more compressed picture.");
        try
        {
            return MarksReader.Read(File.ReadAllBytes(file), ImageLimits.Default);
        }
        catch (ImageException exception)
        {
            throw new BadInputException($"'{file}': {exception.Message}", exception);
        }
    }
}
