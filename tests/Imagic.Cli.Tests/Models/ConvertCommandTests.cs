using Imagic.Diffusion.Weights;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Cli.Tests.Models;

public sealed class ConvertCommandTests : IDisposable
{
    private static readonly string Micro = RepositoryFiles.Fixture("sd1-micro");

    private readonly TemporaryFolder _folder = new();

    private string Checkpoint => Path.Combine(_folder.Path, "micro.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Convert_MakesAPackageThatVerifyFindsWhole()
    {
        WriteMicro();

        var end = await ConvertAsync(Checkpoint, "--tokenizer", Micro, "--name", "mine");
        var verify = await ImagicProcess.RunAsync("models", "verify", Path.Combine(_folder.Path, "mine"));

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Contains("It is a Stable Diffusion 1.x.", end.Output, StringComparison.Ordinal);
        Assert.Contains("taken as epsilon", end.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (verify.ExitCode, verify.Error));
        Assert.Equal(["micro.safetensors", "mine"], Entries());
    }

    [Fact]
    public async Task Convert_Killed_LeavesNothingUnderTheName_AndTheNextRemovesTheRest()
    {
        // One tensor that takes a while to write.
        OriginalLayout.WriteHole(
            Checkpoint,
            OriginalLayout.Of(Micro).Select(tensor => (tensor.Key, tensor.Key == "first_stage_model.quant_conv.bias" ? [400_000_000L] : tensor.Value.shape)));
        using (var process = ImagicProcess.Run("models", "convert", Checkpoint, "--out", _folder.Path, "--tokenizer", Micro))
        {
            await MicroEdit.WaitAsync(() => Task.FromResult(Directory.EnumerateFiles(_folder.Path, "*.partial", SearchOption.AllDirectories).Any()), TestContext.Current.CancellationToken);
            await process.SignalAsync("KILL");
            await process.EndAsync();
        }

        Assert.Equal([".converting", "micro.safetensors"], Entries());
        WriteMicro();
        var end = await ConvertAsync(Checkpoint, "--tokenizer", Micro);

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Equal(["micro", "micro.safetensors"], Entries());
    }

    public static TheoryData<string, string[]> Unusable => new()
    {
        { "Name any package of Stable Diffusion on this machine with --tokenizer", [] },
        { "There is something at ", ["--tokenizer", Micro, "--name", "taken"] },
        { "cannot be the name of a model", ["--tokenizer", Micro, "--name", "a/b"] },
        { "There is no model 'nothing'", ["--tokenizer", "nothing"] },
        { "the text encoder knows 754", ["--tokenizer", RepositoryFiles.Fixture("sd2-micro")] },
        { "--prediction takes epsilon, v_prediction", ["--tokenizer", Micro, "--prediction", "x"] },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Convert_ThatCannotBe_SaysWhyAndWritesNothing(string sentence, string[] arguments)
    {
        WriteMicro();
        Directory.CreateDirectory(Path.Combine(_folder.Path, "taken"));

        var end = await ConvertAsync([Checkpoint, .. arguments]);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains(sentence, end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
        Assert.Equal(["micro.safetensors", "taken"], Entries());
    }

    [Fact]
    public async Task Convert_Pickle_IsRefusedByName()
    {
        var pickle = Path.Combine(_folder.Path, "model.ckpt");
        await File.WriteAllBytesAsync(pickle, "PK"u8.ToArray(), TestContext.Current.CancellationToken);

        var end = await ConvertAsync(pickle, "--tokenizer", Micro);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("model.ckpt: it is a pickle by its name", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Convert_CheckpointWithAMissingTensor_LeavesNothing()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.WriteFile(Checkpoint, [.. OriginalLayout.Of(Micro).Where(tensor => tensor.Key != "model.diffusion_model.out.0.bias")]);

        var end = await ConvertAsync(Checkpoint, "--tokenizer", Micro);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("'conv_norm_out.bias' is missing", end.Error, StringComparison.Ordinal);
        Assert.Equal(["micro.safetensors"], Entries());
    }

    private Task<ProcessEnd> ConvertAsync(params string[] arguments) =>
        ImagicProcess.RunAsync(["models", "convert", .. arguments, "--out", _folder.Path]);

    private void WriteMicro()
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.WriteFile(Checkpoint, OriginalLayout.Of(Micro));
    }

    private IEnumerable<string?> Entries() => Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
