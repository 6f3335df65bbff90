using System.CommandLine;
using Imagic.Cli.Progress;
using Imagic.Cli.Up;
using Spectre.Console;

namespace Imagic.Lab.DataSet;

/// <summary><c>imagic lab dataset</c>: renders the emoji sets to what a model is trained from.</summary>
internal static class DataSetCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "Folder for the data set", DefaultValueFactory = _ => "dataset" };
        var packages = new Option<string>("--packages") { Description = "Folder whose node_modules holds the emoji sets", DefaultValueFactory = _ => LabFiles.EmojiPackages };
        var side = new Option<int>("--size") { Description = $"Width and height in pixels: {string.Join(", ", DataSetOptions.Sides)}", DefaultValueFactory = _ => 64 };
        var styles = new Option<string>("--styles") { Description = "Which sets, with commas between", DefaultValueFactory = _ => string.Join(',', EmojiStyle.All.Select(style => style.Name)) };
        var seed = new Option<int>("--seed") { Description = "Chooses what the sample shows", DefaultValueFactory = _ => 0 };
        var threads = new Option<int>("--threads") { Description = "Drawings rendered at the same time", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("dataset", "Renders openly licensed emoji, with captions, to a data set for training")
        {
            output, packages, side, styles, seed, threads,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new DataSetOptions(
                ParseStyles(parsed.GetRequiredValue(styles)), parsed.GetValue(side), parsed.GetValue(seed), parsed.GetValue(threads));
            Check(options);
            var started = TimeProvider.System.GetTimestamp();
            var manifest = await BuildAsync(
                new NpmPackages(parsed.GetRequiredValue(packages)), parsed.GetRequiredValue(output), options, AnsiConsole.Console, cancellationToken);
            Print(manifest, parsed.GetRequiredValue(output), TimeProvider.System.GetElapsedTime(started));
            return ExitCode.Done;
        });
        return command;
    }

    private static Task<DataSetManifest> BuildAsync(
        NpmPackages packages, string folder, DataSetOptions options, IAnsiConsole console, CancellationToken cancellationToken) =>
        WorkDisplay.RunAsync<(int Done, int Of), DataSetManifest>(
            console, TimeProvider.System, "drawings",
            step => new("drawings", step.Done, step.Of, $"{step.Done} of {step.Of} drawings"),
            progress => DataSetBuilder.BuildAsync(packages, folder, options, progress, cancellationToken));

    private static IReadOnlyList<EmojiStyle> ParseStyles(string text)
    {
        var wanted = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = wanted.FirstOrDefault(name => EmojiStyle.All.All(style => style.Name != name));
        if (unknown is not null || wanted.Length == 0)
            throw new BadInputException($"'{unknown}' is no style; there are {string.Join(", ", EmojiStyle.All.Select(style => style.Name))}.");
        return [.. EmojiStyle.All.Where(style => wanted.Contains(style.Name))];
    }

    private static void Check(DataSetOptions options)
    {
        if (!DataSetOptions.Sides.Contains(options.Side))
            throw new BadInputException($"--size takes {string.Join(", ", DataSetOptions.Sides)}, not {options.Side}.");
        if (options.Threads < 1)
            throw new BadInputException($"--threads takes a number above 0, not {options.Threads}.");
    }

    private static void Print(DataSetManifest manifest, string folder, TimeSpan took)
    {
        var table = new Table().AddColumn("style");
        foreach (var heading in (string[])["drawings", "training", "held out", "left out"])
            table.AddColumn(heading, column => column.RightAligned());
        foreach (var style in manifest.Styles)
            table.AddRow(style.Style, $"{style.Drawings}", $"{style.Training}", $"{style.HeldOut}", $"{style.Unmapped.Count}");
        table.AddRow("all", $"{manifest.Drawings}", $"{manifest.Training}", $"{manifest.HeldOut}", $"{manifest.Styles.Sum(style => style.Unmapped.Count)}");
        AnsiConsole.Write(table);
        Console.WriteLine($"{folder}: {manifest.Side}x{manifest.Side}, in {took.TotalSeconds:F1} s; sha256 {manifest.Sha256}");
    }
}
