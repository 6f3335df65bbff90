using Imagic.Contracts;
using Imagic.Diffusion.Packages;
using Imagic.Lab.DataSet;
using Imagic.Lab.Tests.DataSet;
using Imagic.Lab.Train;
using Imagic.Lab.Train.Scorer;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train;

public sealed class TrainingRunTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly DataSetReader _data;

    public TrainingRunTests() => _data = TinyDataSet.Write(Path.Combine(_folder.Path, "data"), ("blob", "red heart"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_ToTheEnd_LearnsAndWritesAPackageWithNothingMissing()
    {
        var report = Train("whole", Micro(), CancellationToken.None)!;

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
        Assert.Equal(1, scorer.EmbedTexts(["red circle"]).square().sum().item<float>(), 1e-4f);
    }

    [Fact]
    public void Run_StoppedInEachNetworkAndResumed_GivesTheSameBytes()
    {
        Train("whole", Micro(), CancellationToken.None);
        foreach (var (network, step) in (ReadOnlySpan<(string, int)>)[("autoencoder", 7), ("scorer", 5), ("denoiser", 23)])
        {
            Assert.Null(Train("pieces", Micro(), CancellationToken.None, new(network, step)));
        }
        Train("pieces", Micro(), CancellationToken.None);

        foreach (var file in Directory.EnumerateFiles(PathOf("whole"), "*.safetensors", SearchOption.AllDirectories))
        {
            var other = Path.Combine(PathOf("pieces"), Path.GetRelativePath(PathOf("whole"), file));
            Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(other)), $"{Path.GetRelativePath(_folder.Path, file)} differs");
        }
    }

    [Fact]
    public void Run_WithAnotherConfigurationInTheSameFolder_Refuses()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("one", Micro(), stop.Token));

        var e = Assert.Throws<BadInputException>(() => Train("one", Micro() with { Seed = 2 }, CancellationToken.None));

        Assert.Contains("--out", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithARateThatDiverges_SaysWhichToLower()
    {
        var config = Micro();
        config = config with { TrainAutoencoder = config.TrainAutoencoder with { LearningRate = 1e30, WarmUp = 0 } };

        var e = Assert.Throws<BadInputException>(() => Train("diverged", config, CancellationToken.None));

        Assert.Contains("train_autoencoder.learning_rate", e.Message, StringComparison.Ordinal);
    }

    static TrainConfig Micro() => TrainConfig.Read(Path.Combine(RepositoryFiles.Root, "tests", "Imagic.Lab.Tests", "Run", "micro.json"));

    string PathOf(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    TrainingReport? Train(string name, TrainConfig config, CancellationToken cancellationToken, TrainingStop? stop = null)
    {
        set_num_threads(1); // of this thread: the first product of a new one would be computed with another number
        return new TrainingRun(
            config, _data, new(PathOf(name), ScalarType.Float32, CPU, TimeSpan.FromHours(1), SheetInterval: null, stop), new Ignore(), TimeProvider.System)
                .Run(cancellationToken);
    }

    sealed class Ignore : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
