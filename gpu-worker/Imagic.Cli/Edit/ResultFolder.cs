using System.Globalization;
using System.Text.Json;
using Imagic.Cli.Pictures;
using Imagic.Contracts.Results;
using Imagic.Editing;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>The folder that a person gets after an edit.</summary>
/// <param name="Root">Where it is.</param>
/// <param name="ShowPicture">Whether the suggested picture is shown, too, where the terminal can.</param>
internal sealed record ResultFolder(string Root, bool ShowPicture)
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

    /// <summary>Says what was made.</summary>
    /// <param name="console">Where.</param>
    /// <param name="record">What <c>edit.json</c> says.</param>
    /// <param name="seconds">What this edit has computed, where it is not all that its stages took.</param>
    public void Describe(IAnsiConsole console, ResultRecord record, double? seconds = null)
    {
        var reconstruction = record.Pictures.Where(picture => picture.Eta == 0).Max(picture => picture.SourceDecibels);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Edited in {seconds ?? record.Stages.Sum(stage => stage.Seconds):F0} s of computing; eta 0 gives the source back at {reconstruction:F1} dB."));
        foreach (var notice in record.Notices) console.WriteLine($"  note               {notice}");
        var suggested = record.Withheld.Contains(ResultManifest.SuggestedFile) ? "withheld" : Path.Combine(Root, ResultManifest.SuggestedFile);
        console.WriteLine($"  suggested picture  {suggested}");
        console.WriteLine($"  all pictures       {Path.Combine(Root, ResultManifest.GridFile)}");
        console.WriteLine($"  report             {Path.Combine(Root, ResultManifest.ReportFile)}");
        if (ShowPicture && !record.Withheld.Contains(ResultManifest.SuggestedFile)) TerminalPicture.Show(console, suggested);
    }
}
