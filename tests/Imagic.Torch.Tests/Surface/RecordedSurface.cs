using System.Text.Json;

namespace Imagic.Torch.Tests.Surface;

/// <summary>TorchSharp's public members as they were recorded, by type.</summary>
static class RecordedSurface
{
    public static IReadOnlyDictionary<string, HashSet<string>> Types { get; } = Read("torchsharp.json", "torchsharp-more.json");

    static Dictionary<string, HashSet<string>> Read(params string[] files)
    {
        Dictionary<string, HashSet<string>> types = [];
        foreach (var file in files)
        {
            using var json = JsonDocument.Parse(
                File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Surface", file)));
            foreach (var type in json.RootElement.GetProperty("types").EnumerateObject())
                types.Add(type.Name, [.. type.Value.EnumerateArray().Select(member => member.GetString()!)]);
        }
        return types;
    }
}
