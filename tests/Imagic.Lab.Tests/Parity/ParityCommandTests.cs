using System.CommandLine;
using System.Text.Json.Nodes;
using Imagic.Contracts;
using Imagic.Diffusion.Weights;
using Imagic.Lab.Parity;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Parity;

public class ParityCommandTests
{
    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    [InlineData("if-cascade")]
    public void Run_Fixture_EveryExpectedTensorPasses(string fixture)
    {
        var folder = RepositoryFiles.Fixture(fixture);
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!;
        var expected = manifest["tensors"]!.AsObject().Count(tensor => (string)tensor.Value!["role"]! == "expected");

        var (code, lines) = Run(folder);

        Assert.DoesNotContain(lines, line => line.Contains("FAILED"));
        Assert.Equal($"parity: {expected} ok, 0 failed", lines[^1]);
        Assert.Equal(ExitCode.Done, code);
    }

    [Fact]
    public void Run_TrainedModel_EveryRecordedTensorPasses()
    {
        var (code, lines) = Run(RepositoryFiles.Fixture("starter-64"));

        Assert.DoesNotContain(lines, line => line.Contains("FAILED"));
        Assert.Equal("parity: 6 ok, 0 failed", lines[^1]);
        Assert.Equal(ExitCode.Done, code);
    }

    [Fact]
    public void Run_OneExpectedValueIsOff_FailsAndNamesTheTensor()
    {
        using var copy = new ReferenceCopy("sd1-micro", "vae.mean", "vae.logvar");
        copy.Overwrite("vae.mean", index: 7, value: 0.5f);

        var (code, lines) = Run(copy.Path);

        Assert.Equal(ExitCode.CheckFailed, code);
        Assert.StartsWith("vae.mean ", Assert.Single(lines, line => line.Contains("FAILED")));
        Assert.Equal("parity: 1 ok, 1 failed", lines[^1]);
    }

    [Fact]
    public void Run_RecordedValueIsNotANumber_Fails()
    {
        using var copy = new ReferenceCopy("sd1-micro", "vae.mean");
        copy.Overwrite("vae.mean", index: 0, value: float.NaN);

        Assert.Equal(ExitCode.CheckFailed, Run(copy.Path).Code);
    }

    [Fact]
    public void Run_NameThatNothingComputes_FailsAsUnknown()
    {
        using var copy = new ReferenceCopy("sd1-micro", "tok.ids");
        copy.EditManifest(manifest =>
            manifest["tensors"]!["unet.attention_maps"] = new JsonObject { ["role"] = "expected" });

        var (code, lines) = Run(copy.Path);

        Assert.Equal(ExitCode.CheckFailed, code);
        var failed = Assert.Single(lines, line => line.Contains("FAILED"));
        Assert.StartsWith("unet.attention_maps ", failed);
        Assert.EndsWith("unknown quantity", failed);
        Assert.Equal("parity: 1 ok, 1 failed", lines[^1]);
    }

    [Fact]
    public void Run_TensorOfTheManifestIsNotInTheFile_FailsAndNamesIt()
    {
        using var copy = new ReferenceCopy("sd1-micro", "unet.out.t1");
        copy.EditManifest(manifest => manifest["tensors"]!["unet.out.t250"] = new JsonObject { ["role"] = "expected" });

        var (code, lines) = Run(copy.Path);

        Assert.Equal(ExitCode.CheckFailed, code);
        Assert.Contains("no tensor 'unet.out.t250'", Assert.Single(lines, line => line.Contains("FAILED")));
    }

    [Fact]
    public void Run_EntryThatIsNotToBeCompared_IsLeftOut()
    {
        using var copy = new ReferenceCopy("sd1-micro", "unet.grad_norms");
        copy.Overwrite("unet.grad_norms", index: 1, value: 1);
        Assert.Equal(ExitCode.CheckFailed, Run(copy.Path).Code);

        copy.EditManifest(manifest =>
            manifest["tensors"]!["unet.grad_norms"]!["do_not_compare"] = new JsonArray("conv_in.bias"));

        Assert.Equal(ExitCode.Done, Run(copy.Path).Code);
    }

    [Fact]
    public void Run_SmallParameterIsOffByMuch_FailsAndNamesTheParameter()
    {
        using var copy = new ReferenceCopy("sd1-micro", "trace.s2.lr2e-6.param_delta_norms");
        copy.Overwrite("trace.s2.lr2e-6.param_delta_norms", index: 1, value: 5e-5f); // of a vector of norm 1e-2

        Assert.Contains("FAILED: conv_in.bias is off by more than 4 %", Run(copy.Path).Lines[1]);
    }

    [Fact]
    public void Run_AutoencoderWithOldAttentionNames_IsComparedToo()
    {
        using var copy = new ReferenceCopy("sd1-micro", "vae.decoded");
        copy.WriteOldAutoencoder("vae_old_attn_names");

        var (code, lines) = Run(copy.Path);

        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("vae_old_attn_names: vae.decoded ", lines[2]);
        Assert.Equal("parity: 2 ok, 0 failed", lines[^1]);
    }

    [Fact]
    public void Run_SchedulerOfAnUnsupportedKind_FailsThatQuantityOnly()
    {
        using var copy = new ReferenceCopy("sd1-micro", "sched.euler.timesteps", "sched.ddim.timesteps");
        copy.EditManifest(manifest =>
            manifest["resolved_scheduler_configs"]!["euler"]!["_class_name"] = "HeunDiscreteScheduler");

        var (code, lines) = Run(copy.Path);

        Assert.Equal(ExitCode.CheckFailed, code);
        Assert.Contains("HeunDiscreteScheduler", Assert.Single(lines, line => line.Contains("FAILED")));
        Assert.Equal("parity: 1 ok, 1 failed", lines[^1]);
    }

    [Fact]
    public void Run_Json_HoldsEveryComparison()
    {
        using var copy = new ReferenceCopy("sd2-micro", "tok.ids", "vae.mean");
        copy.Overwrite("vae.mean", index: 0, value: float.NaN);
        using var output = new StringWriter();

        var code = ParityCommand.Run(copy.Path, CPU, json: true, output);

        var report = JsonNode.Parse(output.ToString())!;
        Assert.Equal(ExitCode.CheckFailed, code);
        Assert.Equal((1, 1), ((int)report["ok"]!, (int)report["failed"]!));
        var comparisons = report["comparisons"]!.AsArray();
        Assert.Equal(["tok.ids", "vae.mean"], comparisons.Select(comparison => (string)comparison!["name"]!));
        Assert.Equal([true, false], comparisons.Select(comparison => (bool)comparison!["isOk"]!));
        Assert.Equal("NaN", (string)comparisons[1]!["relativeError"]!);
    }

    [Fact]
    public async Task Command_FolderWithoutRecords_IsBadInput()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(ExitCode.BadInput, await CommandAsync(folder.Path));
        Assert.Equal(ExitCode.BadInput, await CommandAsync(Path.Combine(folder.Path, "nowhere")));
    }

    [Fact]
    public async Task Command_FolderThatExpectsNothing_IsBadInput()
    {
        using var copy = new ReferenceCopy("sd1-micro");

        Assert.Contains("nothing", Assert.Throws<BadInputException>(() => Run(copy.Path)).Message);
        Assert.Equal(ExitCode.BadInput, await CommandAsync(copy.Path));
    }

    [Fact]
    public async Task Command_ManifestIsBroken_IsBadInputAndNamesTheFile()
    {
        using var copy = new ReferenceCopy("sd1-micro", "tok.ids");
        await File.WriteAllTextAsync(copy.File("expected.json"), """{"prompts": 3}""");

        Assert.Contains("expected.json", Assert.Throws<ModelPackageException>(() => Run(copy.Path)).Message);
        Assert.Equal(ExitCode.BadInput, await CommandAsync(copy.Path));
    }

    [Fact]
    public async Task Command_WeightsAreMissing_IsBadInput()
    {
        using var copy = new ReferenceCopy("sd1-micro", "tok.ids");
        File.Delete(copy.File("unet/diffusion_pytorch_model.safetensors"));

        Assert.Equal(ExitCode.BadInput, await CommandAsync(copy.Path));
    }

    private static (int Code, string[] Lines) Run(string folder)
    {
        using var output = new StringWriter();
        var code = ParityCommand.Run(folder, CPU, json: false, output);
        return (code, output.ToString().TrimEnd().Split('\n'));
    }

    private static Task<int> CommandAsync(string folder) =>
        CommandLine.RunAsync(new RootCommand { ParityCommand.Create() }, ["parity", folder]);
}
