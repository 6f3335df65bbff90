using Imagic.Contracts;
using Imagic.Diffusion.Packages;
using Imagic.Editing.Stages;
using Imagic.Lab.DataSet;
using Imagic.Lab.Tests.DataSet;
using Imagic.Lab.Train;
using Imagic.Lab.Train.Scorer;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train;

public sealed class TrainingRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DataSetReader _data;

    public TrainingRunTests() => _data = TinyDataSet.Write(Path.Combine(_folder.Path, "data"), ("blob", "red heart"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_ToTheEnd_LearnsAndWritesAPackageWithNothingMissing()
    {
        var report = (await Train("whole", Micro(), CancellationToken.None))!;

        var package = ModelPackage.Open(PathOf("whole", "model"));
        Assert.All(package.Verify().Components, component => Assert.Null(component.Problem));
        Assert.Equal(["autoencoder", "scorer", "denoiser"], report.Networks.Select(network => network.Name));
        foreach (var network in report.Networks)
        {
            float[] losses = [.. File.ReadLines(PathOf("whole", "losses", $"{network.Name}.csv")).Skip(1).Select(line => float.Parse(line.Split(',')[1], null))];
            Assert.Equal(network.Steps, losses.Length);
            Assert.True(losses[^10..].Average() < 0.8 * losses[..3].Average(), $"{network.Name} went from {losses[0]} to {losses[^1]}");
        }
        using var scope = NewDisposeScope();
        using var vae = package.LoadVae(ScalarType.Float32, CPU);
        Assert.Equal(report.ScalingFactor, vae.Config.ScalingFactor);
        using var scorer = ImageTextScorer.Load(PathOf("whole", "scorer"), CPU);
        Assert.Equal(1, scorer.EmbedTexts(["red circle"]).pow(Held(2)).sum().item<float>(), 1e-4f);
    }

    [Fact]
    public async Task Run_StoppedInEachNetworkAndResumed_GivesTheSameBytes()
    {
        await Train("whole", Micro(), CancellationToken.None);
        foreach (var (network, step) in ((string, int)[])[("autoencoder", 7), ("scorer", 5), ("denoiser", 23)])
        {
            Assert.Null(await Train("pieces", Micro(), CancellationToken.None, new(network, step)));
        }
        await Train("pieces", Micro(), CancellationToken.None);

        Assert.Equal(Hashes("whole"), Hashes("pieces"));
    }

    [Fact]
    public async Task Run_WithAnotherConfigurationInTheSameFolder_Refuses()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Train("one", Micro(), stop.Token));

        var e = await Assert.ThrowsAsync<BadInputException>(() => Train("one", Micro() with { Seed = 2 }, CancellationToken.None));

        Assert.Contains("--out", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithARateThatDiverges_SaysWhichToLower()
    {
        var config = Micro();
        config = config with { TrainAutoencoder = config.TrainAutoencoder with { LearningRate = 1e30, WarmUp = 0 } };

        var e = await Assert.ThrowsAsync<BadInputException>(() => Train("diverged", config, CancellationToken.None));

        Assert.Contains("train_autoencoder.learning_rate", e.Message, StringComparison.Ordinal);
    }

    private static TrainConfig Micro() => TrainConfig.Read(Path.Combine(RepositoryFiles.Root, "tests", "Imagic.Lab.Tests", "Train", "micro.json"));

    private string PathOf(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    // Models by their path, results of the stages by the network: their folders count the runs.
    private SortedDictionary<string, string> Hashes(string name) => new((
        from file in Directory.EnumerateFiles(PathOf(name), "*.safetensors", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(PathOf(name), file)
        select (Key: path.StartsWith("checkpoints", StringComparison.Ordinal) ? Path.GetDirectoryName(Path.GetDirectoryName(path))! : path,
            Hash: Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))))).ToDictionary(entry => entry.Key, entry => entry.Hash));

    private Task<TrainingReport?> Train(string name, TrainConfig config, CancellationToken cancellationToken, StopPoint? stop = null)
    {
        set_num_threads(1); // of this thread: the first product of a new one would be computed with another number
        return new TrainingRun(
            config, _data, new(PathOf(name), ScalarType.Float32, CPU, new() { StopAfter = stop }), new Ignore(), TimeProvider.System)
                .RunAsync(cancellationToken);
    }

    private sealed class Ignore : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
