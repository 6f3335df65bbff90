using Spectre.Console;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>The figures of an evaluation on the console.</summary>
internal static class EvalTables
{
    public static void Write(IAnsiConsole console, EvalSummary summary)
    {
        console.Write(Methods(summary));
        if (EvalRows.Axes(summary) is { } axes) Terminal.WriteLine(console, axes);
        if (summary.Plan.IsSweep)
        {
            Terminal.WriteLine(console, "Imagic at every η and s: top 1 / top 5 / distance");
            console.Write(Sweep(summary));
        }
    }

    private static Table Methods(EvalSummary summary)
    {
        var table = new Table().AddColumn("method");
        foreach (var heading in EvalRows.Columns)
            table.AddColumn(heading, column => column.RightAligned());
        foreach (var (name, row) in EvalRows.Of(summary))
            table.AddRow([name, .. EvalRows.Cells(row)]);
        return table;
    }

    private static Table Sweep(EvalSummary summary)
    {
        var imagic = summary.Plan.Renderings.OfType<Rendering.Imagic>().ToArray();
        var table = new Table().AddColumn("η");
        foreach (var blend in imagic.Select(rendering => rendering.Blend).Distinct())
            table.AddColumn($"s = {EvalRows.Number(blend)}", column => column.RightAligned());
        foreach (var row in imagic.GroupBy(rendering => rendering.Eta))
            table.AddRow([EvalRows.Number(row.Key), .. row.Select(rendering => EvalRows.SweepCell(summary.Of(rendering)))]);
        return table;
    }
}
