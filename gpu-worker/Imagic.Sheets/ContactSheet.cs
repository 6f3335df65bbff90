namespace Imagic.Sheets;

/// <summary>Many pictures on one: rows × columns with headings, the source beside them. What a person looks at to choose
/// an edit.</summary>
public sealed record ContactSheet
{
    private const int MinCellSize = 16;

    /// <summary>Above everything; the target text, say.</summary>
    public string? Title { get; init; }

    /// <summary>Shown to the left of the first row, under "source".</summary>
    public RgbImage? Source { get; init; }

    /// <summary>One per column, or none.</summary>
    public IReadOnlyList<string> ColumnHeadings { get; init; } = [];

    public required IReadOnlyList<ContactSheetRow> Rows { get; init; }

    /// <summary>Longer side of every picture on the sheet, in pixels: smaller ones are enlarged to it, larger ones
    /// reduced. At least 16.</summary>
    public int CellSize { get; init; } = 256;

    public RgbImage Render()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(CellSize, MinCellSize, nameof(CellSize));
        if (Rows.Count == 0 || Rows.All(row => row.Cells.Count == 0))
            throw new ArgumentException("A contact sheet needs at least one picture.");
        return new SheetLayout(this).Draw();
    }
}

/// <param name="Heading">To the left of the row; null for none.</param>
/// <param name="Cells">From left to right; rows may differ in length.</param>
public sealed record ContactSheetRow(string? Heading, IReadOnlyList<ContactSheetCell> Cells);

/// <param name="Caption">Below the picture; null for none.</param>
public sealed record ContactSheetCell(RgbImage Image, string? Caption = null);
