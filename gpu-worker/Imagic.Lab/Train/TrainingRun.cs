using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Imagic.Diffusion;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Autoencoder;
using Imagic.Lab.Train.Denoiser;
using Imagic.Lab.Train.Optimizer;
using Imagic.Lab.Train.Scorer;
using Imagic.Lab.Train.Tokenizer;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary>Makes a model from a data set: tokenizer, autoencoder, scorer, then denoiser and text encoder. A run that was
/// stopped anywhere goes on by running it again, bit for bit on the CPU.</summary>
public sealed class TrainingRun(
    TrainConfig config, DataSetReader data, TrainOptions options, IProgress<TrainingProgress> progress, TimeProvider time)
{
    /// <summary>What is trained, in order.</summary>
    public static readonly IReadOnlyList<string> Networks = [AutoencoderName, ScorerName, DenoiserName];

    internal const string AutoencoderName = "autoencoder", ScorerName = "scorer", DenoiserName = "denoiser";

    private readonly PackageWriter _package = new(Path.Combine(options.Folder, "model"));
    private readonly FolderCheckpointStore _store = new(Path.Combine(options.Folder, "checkpoints"));
    private readonly string _fingerprint = Fingerprint(config, data, options);
    private readonly int _threads = get_num_threads();

    /// <summary>Trains what is not trained yet.</summary>
    /// <returns>Measures of what came out; null when it stopped where it was asked to.</returns>
    /// <exception cref="OperationCanceledException">It was stopped, after a checkpoint was written.</exception>
    /// <exception cref="BadInputException">The folder is of another training, or a loss is no number.</exception>
    public async Task<TrainingReport?> RunAsync(CancellationToken cancellationToken)
    {
        Claim();
        var tokenizer = LearnTokenizer();
        using var drawings = new DeviceDrawings(data, options.Device);
        if (await TrainAutoencoderAsync(drawings, cancellationToken) is not { } autoencoder
            || await TrainScorerAsync(drawings, tokenizer, cancellationToken) is not { } scorer
            || await TrainDenoiserAsync(drawings, tokenizer, cancellationToken) is not { } denoiser)
        {
            return null;
        }

        TorchLibrary.UseThreads(_threads);
        if (options.SheetInterval is not null) DrawSheet("text-to-image.png", cancellationToken);
        using var vae = ModelPackage.Open(_package.Folder).LoadVae(ScalarType.Float32, options.Device);
        var report = new TrainingReport(
            data.Manifest.Sha256, Reconstruction.Psnr(vae, drawings), vae.Config.ScalingFactor, [autoencoder, scorer, denoiser]);
        report.Write(Path.Combine(options.Folder, TrainingReport.FileName));
        return report;
    }

    // All files of a folder are of one training.
    private void Claim()
    {
        Directory.CreateDirectory(options.Folder);
        var path = Path.Combine(options.Folder, "fingerprint");
        if (!File.Exists(path)) File.WriteAllText(path, _fingerprint);
        else if (File.ReadAllText(path) != _fingerprint)
            throw new BadInputException($"{options.Folder} has a training with another configuration, data set, device or precision. Choose another --out, or delete it to begin anew.");
    }

    private ClipTokenizer LearnTokenizer()
    {
        var captions = data.Items.Take(data.Manifest.Training).SelectMany(item => item.Captions)
            .Concat(Background.Colours.Select(colour => Captions.Name($"on {Captions.Placeholder}", colour)));
        TokenizerFolder.Write(_package.TokenizerFolder, BpeTrainer.Learn(captions, config.Tokenizer.Merges), config.Tokenizer.Length);
        return ClipTokenizer.Load(_package.TokenizerFolder);
    }

    private async Task<NetworkReport?> TrainAutoencoderAsync(DeviceDrawings drawings, CancellationToken cancellationToken)
    {
        // float32 always: bfloat16's eight bits would be seen in what the decoder makes.
        using var trained = await TrainAsync(
            AutoencoderName, () => new AutoencoderTrainer(config.Vae, config.TrainAutoencoder, drawings, ScalarType.Float32, config.Seed),
            null, cancellationToken);
        TorchLibrary.UseThreads(_threads);
        if (trained is null) return null;
        using var vae = new AutoencoderKL(config.Vae, new(ScalarType.Float32, options.Device));
        vae.Parameters.Bind(new Averaged(trained, "vae"));
        _package.WriteVae(vae, Reconstruction.ScalingFactor(vae, drawings));
        return NetworkReport.Write(options.Folder, trained, config.TrainAutoencoder.Batch);
    }

    private async Task<NetworkReport?> TrainScorerAsync(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        var model = config.Scorer with { Text = Fit(config.Scorer.Text, tokenizer) };
        using var trained = await TrainAsync(
            ScorerName, () => new ScorerTrainer(model, config.TrainScorer, data, drawings, tokenizer, options.Dtype, config.Seed), null, cancellationToken);
        if (trained is null) return null;
        using var scorer = new ImageTextModel(model, options.Dtype, options.Device);
        scorer.Parameters.Bind(new Averaged(trained, "scorer"));
        ImageTextScorer.Write(Path.Combine(options.Folder, "scorer"), model, scorer, _package.TokenizerFolder);
        return NetworkReport.Write(options.Folder, trained, config.TrainScorer.Batch);
    }

    private async Task<NetworkReport?> TrainDenoiserAsync(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        _package.WriteIndex(config.Scheduler);
        var textConfig = Fit(config.TextEncoder, tokenizer);
        using var trained = await TrainAsync(
            DenoiserName,
            () => new DenoiserTrainer(
                config.Unet, textConfig, config.ReadScheduler(), config.TrainDenoiser, EncodeLatents(drawings, tokenizer, cancellationToken),
                options.Dtype, config.Seed),
            trainer =>
            {
                if (options.SheetInterval is not > 0 || trainer.Step % options.SheetInterval != 0) return;
                trainer.WithAverage(() => Write(trainer.UNet, trainer.TextEncoder));
                DrawSheet(Path.Combine("sheets", string.Create(CultureInfo.InvariantCulture, $"{trainer.Step:D6}.png")), cancellationToken);
            },
            cancellationToken);
        if (trained is null) return null;
        using var unet = new UNet2DConditionModel(config.Unet, new(options.Dtype, options.Device));
        unet.Parameters.Bind(new Averaged(trained, "unet"));
        using var text = new ClipTextModel(textConfig, new(options.Dtype, options.Device));
        text.Parameters.Bind(new Averaged(trained, "text_encoder"));
        Write(unet, text);
        return NetworkReport.Write(options.Folder, trained, config.TrainDenoiser.Batch);

        void Write(UNet2DConditionModel unet, ClipTextModel text)
        {
            _package.WriteUNet(unet);
            _package.WriteTextEncoder(text, tokenizer);
        }
    }

    /// <returns>The result; null when it stopped where it was asked to.</returns>
    private async Task<Checkpoint?> TrainAsync<T>(string name, Func<T> create, Action<T>? afterStep, CancellationToken cancellationToken)
        where T : NetworkTrainer
    {
        TorchLibrary.UseThreads(_threads);
        var journal = new CheckpointJournal(_store, await CheckpointJournal.NextEpochAsync(_store, CancellationToken.None));
        var stages = new StageRunner(journal, options.Stages, new Notices(), time);
        var reports = new SpeedReports(progress, time, name);
        var end = await stages.RunAsync(name, _fingerprint, _ => create(), Look, cancellationToken);
        if (end.IsDone) return await stages.FindAsync(name, _fingerprint);
        if (!cancellationToken.IsCancellationRequested) return null;
        throw new OperationCanceledException($"The training was stopped after step {end.Step} of the {name}; the same command goes on from there.", cancellationToken);

        void Look(T trainer)
        {
            reports.Report(trainer);
            afterStep?.Invoke(trainer);
        }
    }

    // With the package as it is stored.
    private void DrawSheet(string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(options.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var models = new LoadedModels(ModelPackage.Open(_package.Folder), ScalarType.Float32, options.Device);
        File.WriteAllBytes(path, TextToImageSheet.Draw(models, cancellationToken));
    }

    // With the autoencoder as it is stored, so that the denoiser learns the latents that it will be given.
    private LatentSet EncodeLatents(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        using var vae = ModelPackage.Open(_package.Folder).LoadVae(ScalarType.Float32, options.Device);
        return LatentSet.Encode(
            vae, vae.Config.ScalingFactor, data, drawings, tokenizer, config.Colours, config.Seed, new SpeedReports(progress, time, "latents"),
            cancellationToken);
    }

    private static ClipTextConfig Fit(ClipTextConfig text, ClipTokenizer tokenizer) =>
        text with { VocabSize = tokenizer.HighestId + 1, MaxPositionEmbeddings = tokenizer.Length };

    private static string Fingerprint(TrainConfig config, DataSetReader data, TrainOptions options) => Convert.ToHexStringLower(SHA256.HashData(
        [.. JsonSerializer.SerializeToUtf8Bytes(config, ModelJson.Strict.TrainConfig), .. Encoding.UTF8.GetBytes($"{data.Manifest.Sha256} {options.Dtype} {options.Device.type}")]));

    /// <summary>The averaged weights of a training's result.</summary>
    private sealed class Averaged(Checkpoint trained, string name) : IParameterSource
    {
        public void Fill(ParameterSet parameters) => trained.CopyTo([new(NetworkOptimizer.AverageName(name), parameters.Flat)]);
    }

    private sealed class Notices : IProgress<StageEvent>
    {
        public void Report(StageEvent value)
        {
            if (value is StageEvent.Notice notice) Console.Error.WriteLine(notice.Text);
        }
    }
}
