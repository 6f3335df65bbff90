using TorchSharp;

namespace Imagic.Torch.Tests.Surface;

/// <summary>What the binding is held to is what the package has.</summary>
public class RecordedSurfaceTests
{
    static readonly Dictionary<string, Type> Package =
        typeof(torch).Assembly.GetExportedTypes().DistinctBy(Rendering.Name).ToDictionary(Rendering.Name);

    public static TheoryData<string> RecordedTypes => [.. RecordedSurface.Types.Keys];

    [Theory]
    [MemberData(nameof(RecordedTypes))]
    public void RecordedType_EveryMember_ExistsInThePackage(string name) =>
        Assert.Empty(RecordedSurface.Types[name].Except(Rendering.Members(Package[name])));
}
