using System.Text.Json;

namespace Imagic.Cli.Tests;

/// <summary>What an edit has left in a folder.</summary>
internal static class EditResults
{
    /// <summary>SHA-256 of the pixels of each picture, in the order of the plan; its file has a signature, which is never twice the same.</summary>
    public static async Task<string[]> HashesAsync(string folder)
    {
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "edit.json"), TestContext.Current.CancellationToken));
        return [.. record.RootElement.GetProperty("pictures").EnumerateArray().Select(picture => picture.GetProperty("pixelsSha256").GetString()!)];
    }
}
