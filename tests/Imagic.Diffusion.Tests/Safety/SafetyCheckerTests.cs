using System.Text.Json.Nodes;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Safety;
using Imagic.Diffusion.Weights;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Safety;

public sealed class SafetyCheckerTests : IDisposable
{
    private const float None = 1.1f, All = -1.1f;

    private readonly TemporaryFolder _package = new();

    public void Dispose() => _package.Dispose();

    // In plain loops and double precision, from the published description of the network.
    [Fact]
    public void Embed_IsWhatPlainLoopsGive()
    {
        using var scope = NewDisposeScope();
        using var checker = Create(None);
        var picture = Picture(1);

        var expected = PlainClip.Embed(CheckedPackage.Weights(None), picture);
        var found = checker.Embed(picture).data<float>().ToArray();

        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void IsFlagged_PictureWhoseOwnEmbeddingIsAConcept_AndNoOther()
    {
        float[] own;
        using (var checker = Create(None)) own = checker.Embed(Picture(1)).data<float>().ToArray();
        using var scope = NewDisposeScope();

        // Twice as long: the angle counts.
        using var knowing = Create(None, [.. own.Select(value => 2 * value)], conceptThreshold: 0.999f);

        Assert.True(knowing.IsFlagged(Picture(1)));
        Assert.False(knowing.IsFlagged(Picture(2)));
        Assert.False(knowing.IsFlagged([.. Picture(1).Select(value => (byte)(255 - value))]));
    }

    [Fact]
    public void IsFlagged_ConceptAcross_IsFarFromIt()
    {
        float[] own;
        using (var checker = Create(None)) own = checker.Embed(Picture(1)).data<float>().ToArray();
        float[] across = new float[own.Length];
        (across[0], across[1]) = (-own[1], own[0]);

        using var at = Create(None, across, conceptThreshold: 0.01f);
        using var below = Create(None, across, conceptThreshold: -0.01f);

        Assert.False(at.IsFlagged(Picture(1)));
        Assert.True(below.IsFlagged(Picture(1)));
    }

    [Theory]
    [InlineData(None, false)]
    [InlineData(All, true)]
    public void IsFlagged_IsDecidedByTheThresholds(float threshold, bool expected)
    {
        using var checker = Create(threshold);

        Assert.Equal(expected, checker.IsFlagged(Picture(1)));
    }

    [Theory]
    [InlineData(0.20f, 0.205f, false)] // near, no special one
    [InlineData(0.31f, 0.205f, true)] // a special one takes 0.01 off the way
    [InlineData(0.31f, 0.215f, false)] // which is not enough
    [InlineData(0.31f, 0.2104f, false)] // scores count in thousandths: −0.0004
    [InlineData(0.20f, 0.1996f, false)] // 0.0004
    [InlineData(0.20f, 0.1994f, true)] // 0.0006
    public void IsFlagged_OfScores_LowersTheThresholdsWhereASpecialConceptIsNear(float special, float threshold, bool expected) =>
        Assert.Equal(expected, SafetyChecker.IsFlagged([special, 0], [0.3f, 0.3f], [-1, 0.2f], [0.5f, threshold]));

    // A special concept alone flags nothing; the first that is near is a help to the next, and that to none.
    [Fact]
    public void IsFlagged_SpecialConceptsAlone_WithholdNothing() =>
        Assert.False(SafetyChecker.IsFlagged([0.9f, 0.9f, 0.9f], [0.1f, 0.1f, 0.1f], [0.1f], [0.2f]));

    [Fact]
    public void Verify_OfAPackageWithAChecker_CountsIt_AndItsFilesAreThePackages()
    {
        Write(None);
        var package = ModelPackage.Open(_package.Root);

        var checker = package.Verify().Components.Single(component => component.Name == "safety_checker");

        Assert.Null(checker.Problem);
        Assert.Equal(CheckedPackage.Weights(None).Where(weight => !weight.Key.EndsWith("position_ids", StringComparison.Ordinal)).Sum(weight => weight.Value.numel()), checker.ParameterCount);
        string[] files = ["feature_extractor/preprocessor_config.json", "safety_checker/config.json", "safety_checker/model.safetensors"];
        Assert.Equal(files, package.Files().Select(package.PathOf).Order().Where(file => !File.Exists(new Fixture("sd1-micro").Path(file))));
    }

    [Fact]
    public async Task Hash_ChangesWithTheThresholds()
    {
        Write(None);
        var before = await ModelPackage.Open(_package.Root).HashAsync(TestContext.Current.CancellationToken);
        Write(All);

        Assert.NotEqual(before, await ModelPackage.Open(_package.Root).HashAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Package_WhoseCheckerWasLeftOut_SaysSo()
    {
        Write(None);
        Directory.Delete(_package.Path("safety_checker"), recursive: true);

        var package = ModelPackage.Open(_package.Root);

        Assert.False(package.HasSafetyChecker);
        Assert.Contains(package.Notices(), notice => notice.Contains("safety checker is not in the package", StringComparison.Ordinal));
        Assert.True(package.Verify().IsGood);
    }

    [Theory]
    [InlineData("safety_checker/config.json", "projection_dim", "\"wide\"", "projection_dim is \"wide\"")]
    [InlineData("safety_checker/config.json", "projection_dim", "9", "has shape [8, 16], expected [9, 16]")]
    [InlineData("safety_checker/config.json", "vision_config", "{\"hidden_size\": 16, \"num_attention_heads\": 3}", "num_attention_heads is 3")]
    [InlineData("safety_checker/config.json", "vision_config", "{\"patch_size\": 15}", "patch_size is 15")]
    [InlineData("feature_extractor/preprocessor_config.json", "crop_size", "16", "crop_size is 16, but the checker reads pictures of 32")]
    [InlineData("feature_extractor/preprocessor_config.json", "crop_size", "{\"height\": 32, \"width\": 16}", "crop_size is {")]
    [InlineData("feature_extractor/preprocessor_config.json", "size", "{\"height\": 32}", "size is {")]
    [InlineData("feature_extractor/preprocessor_config.json", "resample", "1", "resample is 1; supported is 3")]
    [InlineData("feature_extractor/preprocessor_config.json", "image_std", "[1, 2]", "image_std is [1,2]")]
    public void Verify_ConfigThatCannotBe_NamesTheKey(string file, string key, string value, string problem)
    {
        Write(None);
        var content = JsonNode.Parse(File.ReadAllText(_package.Path(file)))!.AsObject();
        content[key] = JsonNode.Parse(value);
        File.WriteAllText(_package.Path(file), content.ToJsonString());

        var found = ModelPackage.Open(_package.Root).Verify().Components.Single(component => component.Name == "safety_checker").Problem;

        Assert.Contains(problem, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_CheckerOfAnotherClass_IsRefused()
    {
        Write(None);
        var index = JsonNode.Parse(File.ReadAllText(_package.Path("model_index.json")))!.AsObject();
        index["safety_checker"] = new JsonArray("mine", "MySafetyChecker");
        File.WriteAllText(_package.Path("model_index.json"), index.ToJsonString());

        Assert.Contains("safety_checker is MySafetyChecker", Assert.Throws<ModelPackageException>(() => ModelPackage.Open(_package.Root)).Message, StringComparison.Ordinal);
    }

    private SafetyChecker Create(float threshold, float[]? concept = null, float? conceptThreshold = null)
    {
        Write(threshold, concept, conceptThreshold);
        return ModelPackage.Open(_package.Root).LoadSafetyChecker(CPU);
    }

    private void Write(float threshold, float[]? concept = null, float? conceptThreshold = null) =>
        CheckedPackage.Create(new Fixture("sd1-micro").Folder, _package.Root, threshold, concept, conceptThreshold);

    private static byte[] Picture(int seed)
    {
        var pixels = new byte[CheckedPackage.Side * CheckedPackage.Side * 3];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }
}
