using Imagic.Imaging;

namespace Imagic.Sheets;

/// <summary>Where everything on a <see cref="ContactSheet"/> goes:
/// <code>
/// title
/// source  |            column    column
/// [     ] | heading    [     ]   [     ]
///         |            caption   caption
/// </code>
/// The columns of pictures are equally wide; a row is as tall as its pictures and its tallest caption.</summary>
internal sealed class SheetLayout
{
    private const byte Ink = 34, FaintInk = 110;

    private readonly int _fontSize, _gap;
    private readonly int _cellWidth, _cellHeight;
    private readonly RgbImage? _source;
    private readonly RgbImage[][] _pictures;
    private readonly SheetLabel _title, _sourceHeading;
    private readonly SheetLabel[] _columnHeadings, _rowHeadings;
    private readonly SheetLabel[][] _captions;

    public SheetLayout(ContactSheet sheet)
    {
        _fontSize = Math.Clamp(sheet.CellSize / 16, 11, 28);
        _gap = Math.Max(sheet.CellSize / 20, 6);

        _source = sheet.Source is { } source ? Fit(source, sheet.CellSize) : null;
        _pictures = [.. sheet.Rows.Select(row => row.Cells.Select(cell => Fit(cell.Image, sheet.CellSize)).ToArray())];
        RgbImage[] all = [.. _pictures.SelectMany(row => row), .. _source is null ? [] : (RgbImage[])[_source]];
        (_cellWidth, _cellHeight) = (all.Max(picture => picture.Width), all.Max(picture => picture.Height));

        _columnHeadings = [.. sheet.ColumnHeadings.Select(text => Label(text, _cellWidth))];
        _rowHeadings = [.. sheet.Rows.Select(row => Label(row.Heading, _cellWidth))];
        _captions = [.. sheet.Rows.Select(row => row.Cells.Select(cell => Caption(cell.Caption)).ToArray())];
        _sourceHeading = Label(_source is null ? null : "source", _cellWidth);
        _title = new(TextMask.Draw(sheet.Title ?? "", _fontSize * 5 / 4, Width - 2 * _gap), Ink);
    }

    private int Columns => _pictures.Max(row => row.Length);

    private int ColumnWidth => _cellWidth + _gap;

    private int SourceWidth => _source is null ? 0 : ColumnWidth + _gap;

    private int RowHeadingsWidth => _rowHeadings.Max(heading => heading.Width) is var widest and > 0 ? widest + _gap : 0;

    /// <summary>Left edge of the first column of pictures.</summary>
    private int Left => _gap + SourceWidth + RowHeadingsWidth;

    private int Width => Left + Columns * ColumnWidth;

    /// <summary>Top edge of the first row of pictures.</summary>
    private int Top => _gap + _title.HeightWith(_gap) + _columnHeadings.Append(_sourceHeading).Max(heading => heading.HeightWith(_gap / 2));

    private int RowHeight(int row)
    {
        var captions = _captions[row].Select(caption => caption.HeightWith(_gap / 3)).DefaultIfEmpty().Max();
        return Math.Max(_cellHeight + captions, _rowHeadings[row].Height) + _gap;
    }

    public RgbImage Draw()
    {
        var canvas = new SheetCanvas(Width, Top + Enumerable.Range(0, _pictures.Length).Sum(RowHeight));
        canvas.Write(_title, _gap, _gap);
        if (_source is not null)
        {
            WriteAbove(canvas, _sourceHeading, _gap);
            Place(canvas, _source, _gap, Top);
        }
        for (var column = 0; column < Math.Min(_columnHeadings.Length, Columns); column++)
            WriteAbove(canvas, _columnHeadings[column], Left + column * ColumnWidth);
        for (var (row, top) = (0, Top); row < _pictures.Length; top += RowHeight(row++))
            DrawRow(canvas, row, top);
        return canvas.Image;
    }

    private void DrawRow(SheetCanvas canvas, int row, int top)
    {
        var heading = _rowHeadings[row];
        canvas.Write(heading, Left - _gap - heading.Width, top + Math.Max(_cellHeight - heading.Height, 0) / 2);
        for (var column = 0; column < _pictures[row].Length; column++)
        {
            var left = Left + column * ColumnWidth;
            Place(canvas, _pictures[row][column], left, top);
            WriteCentred(canvas, _captions[row][column], left, top + _cellHeight + _gap / 3);
        }
    }

    private void Place(SheetCanvas canvas, RgbImage picture, int left, int top) =>
        canvas.Place(picture, left + (_cellWidth - picture.Width) / 2, top + (_cellHeight - picture.Height) / 2);

    private void WriteAbove(SheetCanvas canvas, SheetLabel heading, int left) =>
        WriteCentred(canvas, heading, left, Top - heading.HeightWith(_gap / 2));

    private void WriteCentred(SheetCanvas canvas, SheetLabel label, int left, int top) =>
        canvas.Write(label, left + (_cellWidth - label.Width) / 2, top);

    private SheetLabel Label(string? text, int maxWidth) => new(TextMask.Draw(text ?? "", _fontSize, maxWidth, centred: true), Ink);

    private SheetLabel Caption(string? text) =>
        new(TextMask.Draw(text ?? "", _fontSize * 7 / 8, _cellWidth, centred: true), FaintInk);

    private static RgbImage Fit(RgbImage picture, int side)
    {
        var scale = (double)side / Math.Max(picture.Width, picture.Height);
        return Lanczos.Resize(picture, Scaled(picture.Width), Scaled(picture.Height));

        int Scaled(int pixels) => Math.Max((int)Math.Round(pixels * scale), 1);
    }
}
