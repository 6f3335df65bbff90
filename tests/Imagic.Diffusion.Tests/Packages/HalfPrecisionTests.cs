using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Packages;

public sealed class HalfPrecisionTests : IDisposable
{
    private readonly TemporaryFolder _copy = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _copy.Dispose();

    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    public void Copy_OfAPackage_RoundsEachWeightToFloat16AndStaysWhole(string fixture)
    {
        var package = ModelPackage.Open(new Fixture(fixture).Folder);

        var copy = HalfPrecision.Copy(package, _copy.Root, Token);

        Assert.True(copy.Verify().IsGood);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var expected = package.LoadUNet(ScalarType.Float32, CPU);
        using var actual = copy.LoadUNet(ScalarType.Float32, CPU);
        Assert.Equal(expected.Parameters.Flat.to(ScalarType.Float16).to(ScalarType.Float32).bytes.ToArray(), actual.Parameters.Flat.bytes.ToArray());
        Assert.InRange(Bytes(copy) / (double)Bytes(package), 0.4, 0.6);
    }

    [Fact]
    public async Task Copy_OfACopy_GivesTheSameBytes()
    {
        using var twice = new TemporaryFolder();
        var once = HalfPrecision.Copy(ModelPackage.Open(new Fixture("sd1-micro").Folder), _copy.Root, Token);

        var again = HalfPrecision.Copy(once, twice.Root, Token);

        Assert.Equal(await once.HashAsync(Token), await again.HashAsync(Token));
    }

    [Theory]
    [InlineData(65505f)]
    [InlineData(float.NaN)]
    public void Copy_OfAWeightBeyondFloat16_NamesIt(float weight)
    {
        using var source = new TemporaryFolder();
        source.CopyFrom(new Fixture("sd1-micro").Folder);
        Spoil(Path.Combine(source.Root, "unet", "diffusion_pytorch_model.safetensors"), "conv_in.bias", weight);

        var exception = Assert.Throws<ModelPackageException>(() => HalfPrecision.Copy(ModelPackage.Open(source.Root), _copy.Root, Token));

        Assert.Contains("conv_in.bias", exception.Message, StringComparison.Ordinal);
    }

    private static void Spoil(string path, string name, float weight)
    {
        using var scope = NewDisposeScope();
        List<(string, Tensor)> tensors = [];
        using (var file = SafetensorsFile.Open(path))
        {
            foreach (var entry in file.Entries.Values) tensors.Add((entry.Name, file.ReadTensor(entry.Name)));
        }

        tensors.Single(tensor => tensor.Item1 == name).Item2.fill_(Held(weight));
        using var stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors);
    }

    private static long Bytes(ModelPackage package) =>
        package.Files().Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal)).Sum(file => new FileInfo(file).Length);
}
