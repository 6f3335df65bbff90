using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Imagic.TestKit;

namespace Imagic.Lab.Cases;

/// <summary><c>imagic lab cases</c>: a folder of pictures against what must become of each.</summary>
internal static class CasesCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of pictures with a cases.json, e.g. tests/Imagic.Imaging.Tests/Cases" };
        var command = new Command("cases", "Decodes a folder of pictures and compares them with its cases.json") { folder };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(folder)));
        return command;
    }

    private static int Run(string folder)
    {
        try
        {
            var (count, wrong) = PictureCases.Run(folder);
            foreach (var sentence in wrong) Console.WriteLine(sentence);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} cases, {wrong.Count} not as they must be"));
            return wrong.Count == 0 ? ExitCode.Done : ExitCode.CheckFailed;
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new BadInputException($"The cases in '{folder}' cannot be read: {exception.Message}", exception);
        }
    }
}
