using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Imagic.Contracts.Results;
using Imagic.Marks.Containers;

namespace Imagic.Marks.Checking;

/// <summary>Reads the settings that a PNG of this program carries.</summary>
internal static class SettingsChunk
{
    private const int MostBytes = 64 * 1024;

    /// <summary>Those of a file; null where there are none that can be read. Any bytes may be given.</summary>
    public static PictureSettings? Read(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(PngContainer.Signature)) return null;
        // Not by the container, which refuses a file that is cut off behind its texts.
        var rest = file[PngContainer.Signature.Length..];
        while (rest.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(rest) is var length && length <= rest.Length - 12)
        {
            if (rest[4..8].SequenceEqual("iTXt"u8) && Text(rest.Slice(8, (int)length)) is { } settings) return settings;
            rest = rest[((int)length + 12)..];
        }

        return null;
    }

    // Keyword, 0, not compressed, method, language, 0, translated keyword, 0, text.
    private static PictureSettings? Text(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> start = [.. Encoding.Latin1.GetBytes(PictureSettings.Keyword), 0, 0, 0];
        if (content.Length > MostBytes || !content.StartsWith(start)) return null;
        content = content[start.Length..];
        for (var i = 0; i < 2; i++)
        {
            var end = content.IndexOf((byte)0);
            if (end < 0) return null;
            content = content[(end + 1)..];
        }

        try
        {
            return JsonSerializer.Deserialize(content, ContractsJsonContext.Default.PictureSettings);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
