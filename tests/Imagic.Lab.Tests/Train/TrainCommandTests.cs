using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Imagic.Lab.Tests.DataSet;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Train;

public sealed class TrainCommandTests : IDisposable
{
    private const string Micro = "tests/Imagic.Lab.Tests/Train/micro.json";

    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public TrainCommandTests() => TinyDataSet.Write(PathOf("data"), ("blob", "red heart"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_KilledInTheMiddleAndRunAgain_GivesTheSameBytes()
    {
        var config = WriteConfig();
        var whole = await ImagicProcess.RunLabAsync(Arguments(config, "whole"));
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));

        using (var killed = ImagicProcess.RunLab([.. Arguments(config, "pieces"), "--checkpoint-seconds", "0"]))
        {
            await AppearsAsync(PathOf("pieces", "checkpoints", "denoiser"));
            await killed.SignalAsync("KILL");
            Assert.Equal(128 + 9, (await killed.EndAsync()).ExitCode);
        }
        Assert.False(File.Exists(PathOf("pieces", "report.json")), "it ended before it was killed");
        // Pictures in between, of averaged weights, change nothing.
        Assert.Equal(0, (await ImagicProcess.RunLabAsync([.. Arguments(config, "pieces"), "--sheet-steps", "149"])).ExitCode);

        Assert.Equal(Hashes("whole"), Hashes("pieces"));
        Assert.True(File.Exists(PathOf("pieces", "text-to-image.png")));
        Assert.True(File.Exists(PathOf("pieces", "sheets", "000149.png")));
    }

    [Theory]
    [InlineData("imagic lab dataset", "--config", Micro, "--data", "none")]
    [InlineData("cannot be read", "--config", "none.json")]
    [InlineData("float32 or bfloat16", "--config", Micro, "--dtype", "float8")]
    [InlineData("NETWORK:STEP", "--config", Micro, "--stop-after", "unet:3")]
    public async Task Train_WithWhatItCannotUse_SaysWhatToDo(string expected, params string[] arguments)
    {
        string[] placed = [.. arguments.Select(argument => argument == Micro ? Path.Combine(RepositoryFiles.Root, Micro) : argument)];
        string[] data = arguments.Contains("--data") ? [] : ["--data", PathOf("data")];

        var end = await ImagicProcess.RunLabAsync(["train", "--out", PathOf("out"), .. data, .. placed]);

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains(expected, end.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(PathOf("out")));
    }

    // Long enough to be killed in the middle: each checkpoint is written through to the disk.
    private string WriteConfig()
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, Micro)))!;
        config["train_denoiser"]!["steps"] = 150;
        File.WriteAllText(PathOf("config.json"), config.ToJsonString());
        return PathOf("config.json");
    }

    private string[] Arguments(string config, string name) =>
        ["train", "--config", config, "--data", PathOf("data"), "--out", PathOf(name), "--threads", "1"];

    private string PathOf(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    private string[] Hashes(string name) =>
    [
        .. from file in Directory.EnumerateFiles(PathOf(name), "*.safetensors", SearchOption.AllDirectories).Order()
           let path = Path.GetRelativePath(PathOf(name), file)
           // The folders of results count the runs.
           let place = path.StartsWith("checkpoints", StringComparison.Ordinal) ? Path.GetDirectoryName(Path.GetDirectoryName(path)) : path
           select $"{place} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}",
    ];

    private static async Task AppearsAsync(string folder)
    {
        using var deadline = new CancellationTokenSource(WaitLimit);
        while (!Directory.Exists(folder)) await Task.Delay(5, deadline.Token);
    }
}
