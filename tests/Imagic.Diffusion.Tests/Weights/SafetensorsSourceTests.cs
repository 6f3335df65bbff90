using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Weights;

public sealed class SafetensorsSourceTests
{
    [Fact]
    public void Fill_MatchingFile_FillsTheFlatBufferInDeclarationOrder()
    {
        using var scope = NewDisposeScope();
        using var file = Write(("bias", tensor(new[] { 5f })), ("layer.weight", tensor(new[] { 1f, 2f, 3f, 4f }).view(2, 2)));
        using var parameters = Declare();

        parameters.Bind(new SafetensorsSource([file]));

        Assert.Equal([1f, 2f, 3f, 4f, 5f], parameters.Flat.data<float>().ToArray());
    }

    [Fact]
    public void Fill_Shards_TakesEachTensorFromItsFile()
    {
        using var scope = NewDisposeScope();
        using var first = Write(("bias", tensor(new[] { 5f })));
        using var second = Write(("layer.weight", ones(2, 2, dtype: ScalarType.Float16)));
        using var parameters = Declare();

        parameters.Bind(new SafetensorsSource([first, second]));

        Assert.Equal([1f, 1f, 1f, 1f, 5f], parameters.Flat.data<float>().ToArray());
    }

    [Fact]
    public void Fill_MappedKeys_RenamesAndIgnores()
    {
        using var scope = NewDisposeScope();
        using var file = Write(("old.weight", ones(2, 2)), ("bias", ones(1)), ("steps", tensor(1L)));
        using var parameters = Declare();

        parameters.Bind(new SafetensorsSource([file], key => key == "steps" ? null : key.Replace("old", "layer", StringComparison.Ordinal)));

        Assert.Equal([1f, 1f, 1f, 1f, 1f], parameters.Flat.data<float>().ToArray());
    }

    [Fact]
    public void Fill_LinearSavedAsConvolution_IsTheSameMatrix()
    {
        using var scope = NewDisposeScope();
        using var file = Write(("layer.weight", tensor(new[] { 1f, 2f, 3f, 4f }).view(2, 2, 1, 1)), ("bias", ones(1)));
        using var parameters = Declare();

        parameters.Bind(new SafetensorsSource([file]));

        Assert.Equal([1f, 2f, 3f, 4f, 1f], parameters.Flat.data<float>().ToArray());
    }

    [Fact]
    public void Check_NothingFits_ReportsAllProblemsAtOnce()
    {
        using var scope = NewDisposeScope();
        using var file = Write(("layer.weight", ones(2, 3)), ("extra", ones(1)));
        using var parameters = Declare();

        var error = Assert.Throws<ModelPackageException>(() => new SafetensorsSource([file]).Check(parameters));

        Assert.Equal(
            "w.safetensors: the tensors do not fit the model that the config describes (3 problems): "
            + "'layer.weight' has shape [2, 3], expected [2, 2]; 'bias' is missing, expected [1]; "
            + "'extra' is not a tensor of this model. Weights and config must be of one model.",
            error.Message);
    }

    [Fact]
    public void Check_ManyProblems_ShowsTheFirstAndCountsTheRest()
    {
        using var scope = NewDisposeScope();
        using var file = Write([.. Enumerable.Range(0, 20).Select(i => ($"t{i}", ones(1)))]);
        using var parameters = Declare();

        var error = Assert.Throws<ModelPackageException>(() => new SafetensorsSource([file]).Check(parameters));

        Assert.Contains("(22 problems)", error.Message, StringComparison.Ordinal);
        Assert.Contains("; and 17 more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_IntegersForAWeight_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var file = Write(("layer.weight", ones(2, 2, dtype: ScalarType.Int8)), ("bias", ones(1)));
        using var parameters = Declare();

        var error = Assert.Throws<ModelPackageException>(() => new SafetensorsSource([file]).Check(parameters));

        Assert.Contains("'layer.weight' has dtype I8, expected a floating-point one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_TwoKeysForOneParameter_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var file = Write(("layer.weight", ones(2, 2)), ("LAYER.weight", ones(2, 2)), ("bias", ones(1)));
        using var parameters = Declare();

        var error = Assert.Throws<ModelPackageException>(
            () => new SafetensorsSource([file], key => key.ToLowerInvariant()).Check(parameters));

        Assert.Contains("'layer.weight' is there twice", error.Message, StringComparison.Ordinal);
    }

    private static ParameterSet Declare()
    {
        var parameters = new ParameterSet(ScalarType.Float32, CPU);
        parameters.Root["layer"].Weight("weight", 2, 2);
        parameters.Root.Zeros("bias", 1);
        return parameters;
    }

    private static SafetensorsFile Write(params (string Name, Tensor Value)[] tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors);
        return SafetensorsFile.Read(stream.ToArray(), "w.safetensors");
    }
}
