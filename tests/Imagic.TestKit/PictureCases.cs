using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Imagic.Imaging;

namespace Imagic.TestKit;

/// <summary>
/// Pictures as they are in the wild, a folder of them with what must become of each in its <c>cases.json</c>: an object by
/// file name of <c>size</c>, <c>pixels</c> by "x,y", a part of the <c>notice</c>, or a part of the sentence with which it is <c>refused</c>.
/// </summary>
public static class PictureCases
{
    // Of a channel: what quantization and a decoder's rounding may change.
    private const int Tolerance = 3;

    /// <summary>Tries every picture of a folder.</summary>
    /// <returns>What went otherwise than it must, in sentences, and how many pictures there were.</returns>
    /// <exception cref="JsonException">The expectations cannot be read.</exception>
    public static (int Count, IReadOnlyList<string> Wrong) Run(string folder)
    {
        var cases = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(folder, "cases.json")), PictureCasesJson.Default.DictionaryStringPictureCase)!;
        var wrong = new List<string>();
        foreach (var (name, expected) in cases)
        {
            if (Problem(Path.Combine(folder, name), expected) is { } problem) wrong.Add($"{name}: {problem}");
        }

        wrong.AddRange(Directory.EnumerateFiles(folder).Select(Path.GetFileName).Where(name => name != "cases.json" && !cases.ContainsKey(name!))
            .Select(name => $"{name}: cases.json says nothing of it"));
        return (cases.Count, wrong);
    }

    private static string? Problem(string file, PictureCase expected)
    {
        try
        {
            var bytes = File.ReadAllBytes(file);
            var notice = "";
            var image = ImageCodec.Decode(bytes, ImageLimits.Default, text => notice = text);
            if (expected.Refused is { } refused) return $"it is decoded, and should be refused: {refused}";
            if (expected.Size is not [var width, var height] || (image.Width, image.Height) != (width, height)) return $"it is {image.Width} x {image.Height}";
            // What the API looks at before it accepts a picture.
            var header = ImageHeader.Read(bytes);
            if ((header.OrientedWidth, header.OrientedHeight) != (width, height)) return $"its header says {header.OrientedWidth} x {header.OrientedHeight}";
            if (!notice.Contains(expected.Notice, StringComparison.Ordinal) || expected.Notice.Length == 0 && notice.Length > 0) return $"the notice is '{notice}'";
            foreach (var (place, colour) in expected.Pixels)
            {
                int[] at = [.. place.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
                var found = image.Row(at[1]).Slice(at[0] * 3, 3).ToArray();
                if (found.Zip(colour).Any(pair => Math.Abs(pair.First - pair.Second) > Tolerance)) return $"at {place} it is {string.Join(", ", found)}";
            }

            return null;
        }
        catch (ImageException exception)
        {
            return expected.Refused is { } refused && exception.Message.Contains(refused, StringComparison.Ordinal) ? null : $"it is refused: {exception.Message}";
        }
    }
}

/// <summary>What must become of a picture.</summary>
internal sealed record PictureCase(
    int[]? Size = null, Dictionary<string, int[]>? Pixels = null, string Notice = "", string? Refused = null)
{
    public Dictionary<string, int[]> Pixels { get; init; } = Pixels ?? [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Dictionary<string, PictureCase>))]
internal sealed partial class PictureCasesJson : JsonSerializerContext;
