using System.Globalization;
using System.Text.Json;
using Imagic.Contracts.Results;
using Imagic.Editing;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>The folder that a person gets after an edit.</summary>
internal static class ResultFolder
{
    /// <summary>Writes all files; those of an earlier edit that have the same name are replaced, those that are withheld now removed.</summary>
    public static void Write(string folder, IReadOnlyDictionary<string, byte[]> files, IEnumerable<string> withheld)
    {
        foreach (var name in withheld) LocalDisk.TryDelete(Path.Combine(folder, name));
        foreach (var (name, content) in files)
        {
            using var file = new LocalDisk().Create(Path.Combine(folder, name));
            file.Write(content);
        }
    }

    /// <summary>Reads what <c>edit.json</c> says.</summary>
    public static async Task<ResultRecord> ReadRecordAsync(string folder, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(Path.Combine(folder, ResultManifest.RecordFile));
        return await JsonSerializer.DeserializeAsync(stream, ResultJsonContext.Default.ResultRecord, cancellationToken)
            ?? throw new JsonException($"{ResultManifest.RecordFile} is null.");
    }

    public static void Describe(IAnsiConsole console, string folder, ResultRecord record)
    {
        var reconstruction = record.Pictures.Where(picture => picture.Eta == 0).Max(picture => picture.SourceDecibels);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Edited in {record.Stages.Sum(stage => stage.Seconds):F0} s of computing; eta 0 gives the source back at {reconstruction:F1} dB."));
        foreach (var notice in record.Notices) console.WriteLine($"  note               {notice}");
        var suggested = record.Withheld.Contains(ResultManifest.SuggestedFile) ? "withheld" : Path.Combine(folder, ResultManifest.SuggestedFile);
        console.WriteLine($"  suggested picture  {suggested}");
        console.WriteLine($"  all pictures       {Path.Combine(folder, ResultManifest.GridFile)}");
        console.WriteLine($"  report             {Path.Combine(folder, ResultManifest.ReportFile)}");
    }
}
