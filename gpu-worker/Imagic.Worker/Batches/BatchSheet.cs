using Azure;
using Azure.Storage.Blobs;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Imaging;
using Imagic.Sheets;
using Imagic.Storage;

namespace Imagic.Worker.Batches;

/// <summary>The contact sheet of a batch: source and suggested picture of each edit, side by side.</summary>
internal static class BatchSheet
{
    // Small enough that a thousand edits still make one picture that can be opened.
    private static int CellSize(int edits) => edits > 100 ? 96 : 160;

    private static int EditsPerRow(int edits) => Math.Clamp((int)Math.Ceiling(Math.Sqrt(edits / 1.5)), 1, 16);

    /// <summary>Path of an edit's suggested picture in the container of edits; null when there is none, or it is withheld.</summary>
    public static string? SuggestedPicture(EditRecord edit) =>
        edit.State == EditState.Succeeded && !IsWithheld(edit) ? $"{edit.EditId}/{edit.Results}/{ResultManifest.SuggestedFile}" : null;

    /// <summary>Whether the suggested picture is there and not shown.</summary>
    public static bool IsWithheld(EditRecord edit) => edit.Withheld.Contains(ResultManifest.SuggestedFile);

    /// <summary>Draws the sheet as PNG.</summary>
    public static async Task<byte[]> RenderAsync(
        BlobContainerClient edits, string title, IReadOnlyList<(AcceptedLine Line, EditRecord Edit)> lines, CancellationToken cancellationToken)
    {
        var cells = new ContactSheetCell[lines.Count * 2];
        var size = CellSize(lines.Count);
        await Parallel.ForAsync(
            0, lines.Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var (line, edit) = lines[i];
                var source = edit.State == EditState.Succeeded ? $"{edit.EditId}/{edit.Results}/{ResultManifest.SourceFile}" : null;
                cells[2 * i] = new(await ImageAsync(edits, source, size, token), $"{line.Line}: {Path.GetFileName(line.Source)}");
                cells[2 * i + 1] = new(await ImageAsync(edits, SuggestedPicture(edit), size, token), IsWithheld(edit) ? $"{line.TargetText} (withheld)" : edit.State == EditState.Succeeded ? line.TargetText : $"{line.TargetText} ({edit.State})");
            });
        var sheet = new ContactSheet
        {
            Title = title,
            CellSize = size,
            Rows = [.. cells.Chunk(2 * EditsPerRow(lines.Count)).Select(row => new ContactSheetRow(null, row))],
        };
        return ImageCodec.Encode(sheet.Render(), ImageFormat.Png);
    }

    // Reduced at once: a thousand pictures at full size would not fit into memory.
    private static async Task<RgbImage> ImageAsync(BlobContainerClient edits, string? name, int size, CancellationToken cancellationToken)
    {
        if (name is null || await DownloadAsync(edits.GetBlobClient(name), cancellationToken) is not { } file) return RgbImage.Filled(size, size, 235, 235, 235);
        var image = ImageCodec.Decode(file, ImageLimits.Default);
        var scale = (double)size / Math.Max(image.Width, image.Height);
        if (scale >= 1) return image;
        return new Framing(image.Width, image.Height, Scaled(image.Width), Scaled(image.Height)).ToModel(image);

        int Scaled(int pixels) => Math.Max(1, (int)Math.Round(pixels * scale));
    }

    // Null when its edit is deleted at this moment.
    private static async Task<BinaryData?> DownloadAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return (await blob.DownloadContentAsync(cancellationToken)).Value.Content;
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }
}
