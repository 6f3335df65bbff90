using System.Text.Json;
using TorchSharp;

namespace Imagic.Torch.Tests.Surface;

/// <summary>Code written against this binding compiles against the real TorchSharp package.</summary>
public class SurfaceTests
{
    static readonly Dictionary<string, HashSet<string>> TorchSharp = Read("torchsharp.json", "torchsharp-more.json");

    public static TheoryData<string> PublicTypes =>
        [.. typeof(torch).Assembly.GetExportedTypes().Where(t => t != typeof(ImagicTorch)).Select(Rendering.Name)];

    [Theory]
    [MemberData(nameof(PublicTypes))]
    public void PublicType_EveryMember_ExistsInTorchSharpWithTheSameSignature(string name)
    {
        var type = typeof(torch).Assembly.GetExportedTypes().Single(t => Rendering.Name(t) == name);

        Assert.True(TorchSharp.TryGetValue(name, out var known), $"TorchSharp has no public type {name}.");
        Assert.Empty(Rendering.Members(type).Except(known!));
    }

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
