using TorchSharp;

namespace Imagic.Torch.Tests.Surface;

/// <summary>Code written against this binding compiles against the real TorchSharp package.</summary>
public class SurfaceTests
{
    public static TheoryData<string> PublicTypes =>
        [.. typeof(torch).Assembly.GetExportedTypes().Where(t => t != typeof(ImagicTorch)).Select(Rendering.Name)];

    [Theory]
    [MemberData(nameof(PublicTypes))]
    public void PublicType_EveryMember_ExistsInTorchSharpWithTheSameSignature(string name)
    {
        var type = typeof(torch).Assembly.GetExportedTypes().Single(t => Rendering.Name(t) == name);

        Assert.True(RecordedSurface.Types.TryGetValue(name, out var known), $"TorchSharp has no public type {name}.");
        Assert.Empty(Rendering.Members(type).Except(known!));
    }
}
