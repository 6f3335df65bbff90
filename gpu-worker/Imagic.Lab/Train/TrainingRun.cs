using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Autoencoder;
using Imagic.Lab.Train.Denoiser;
using Imagic.Lab.Train.Scorer;
using Imagic.Lab.Train.Tokenizer;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary>Makes a model from a data set: tokenizer, autoencoder, scorer, then denoiser and text encoder. A run that was
/// stopped anywhere goes on by running it again, bit for bit on the CPU.</summary>
public sealed class TrainingRun(
    TrainConfig config, DataSetReader data, TrainOptions options, IProgress<TrainingProgress> progress, TimeProvider time)
{
    readonly PackageWriter _package = new(Path.Combine(options.Folder, "model"));
    readonly TrainingLoop _loop = new(options, Fingerprint(config, data, options), progress, time);

    /// <summary>Trains what is not trained yet.</summary>
    /// <returns>Measures of what came out; null when it stopped where it was asked to.</returns>
    /// <exception cref="OperationCanceledException">It was stopped, after a checkpoint was written.</exception>
    /// <exception cref="BadInputException">A checkpoint in the folder is of another training, or a loss is no number.</exception>
    public TrainingReport? Run(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Folder);
        var tokenizer = LearnTokenizer();
        using var drawings = new DeviceDrawings(data, options.Device);
        if (TrainAutoencoder(drawings, cancellationToken) is not { } autoencoder
            || TrainScorer(drawings, tokenizer, cancellationToken) is not { } scorer
            || TrainDenoiser(drawings, tokenizer, cancellationToken) is not { } denoiser)
        {
            return null;
        }
        if (options.SheetInterval is not null)
            DrawSheet("text-to-image.png", cancellationToken);
        using var vae = ModelPackage.Open(_package.Folder).LoadVae(ScalarType.Float32, options.Device);
        var report = new TrainingReport(
            data.Manifest.Sha256, Reconstruction.Psnr(vae, drawings), vae.Config.ScalingFactor, [autoencoder, scorer, denoiser]);
        report.Write(Path.Combine(options.Folder, TrainingReport.FileName));
        return report;
    }

    ClipTokenizer LearnTokenizer()
    {
        var captions = data.Items.Take(data.Manifest.Training).SelectMany(item => item.Captions)
            .Concat(Background.Colours.Select(colour => Captions.Name($"on {Captions.Placeholder}", colour)));
        TokenizerFolder.Write(_package.TokenizerFolder, BpeTrainer.Learn(captions, config.Tokenizer.Merges), config.Tokenizer.Length);
        return ClipTokenizer.Load(_package.TokenizerFolder);
    }

    NetworkReport? TrainAutoencoder(DeviceDrawings drawings, CancellationToken cancellationToken)
    {
        // float32 always: bfloat16's eight bits would be seen in what the decoder makes.
        using var trainer = new AutoencoderTrainer(config.Vae, config.TrainAutoencoder, drawings, ScalarType.Float32, config.Seed);
        if (_loop.Run(trainer, cancellationToken) is not { } report)
            return null;
        trainer.WithAverage(() => _package.WriteVae(trainer.Model, Reconstruction.ScalingFactor(trainer.Model, drawings)));
        return report;
    }

    NetworkReport? TrainScorer(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        var model = config.Scorer with { Text = Fit(config.Scorer.Text, tokenizer) };
        using var trainer = new ScorerTrainer(model, config.TrainScorer, data, drawings, tokenizer, options.Dtype, config.Seed);
        if (_loop.Run(trainer, cancellationToken) is not { } report)
            return null;
        var folder = Path.Combine(options.Folder, "scorer");
        Directory.CreateDirectory(Path.Combine(folder, ImageTextScorer.TokenizerName));
        foreach (var file in Directory.EnumerateFiles(_package.TokenizerFolder))
            File.Copy(file, Path.Combine(folder, ImageTextScorer.TokenizerName, Path.GetFileName(file)), overwrite: true);
        File.WriteAllText(Path.Combine(folder, ImageTextScorer.ConfigFile), JsonSerializer.Serialize(model, ScorerJson.Default.ScorerConfig) + "\n");
        trainer.WithAverage(() => PackageWriter.WriteWeights(Path.Combine(folder, ImageTextScorer.WeightsFile), trainer.Model.Parameters));
        return report;
    }

    NetworkReport? TrainDenoiser(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        using var latents = EncodeLatents(drawings, tokenizer, cancellationToken);
        using var trainer = new DenoiserTrainer(
            config.Unet, Fit(config.TextEncoder, tokenizer), config.ReadScheduler(), config.TrainDenoiser, latents, options.Dtype, config.Seed);
        var report = _loop.Run(trainer, cancellationToken, () =>
        {
            if (options.SheetInterval is not > 0 || trainer.Step % options.SheetInterval != 0)
                return;
            Write();
            DrawSheet(Path.Combine("sheets", string.Create(CultureInfo.InvariantCulture, $"{trainer.Step:D6}.png")), cancellationToken);
        });
        if (report is not null)
            Write();
        return report;

        void Write() => trainer.WithAverage(() =>
        {
            _package.WriteUNet(trainer.UNet);
            _package.WriteTextEncoder(trainer.TextEncoder, tokenizer);
        });
    }

    // With the package as it is stored.
    void DrawSheet(string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(options.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var models = new LoadedModels(ModelPackage.Open(_package.Folder), ScalarType.Float32, options.Device);
        File.WriteAllBytes(path, TextToImageSheet.Draw(models, cancellationToken));
    }

    LatentSet EncodeLatents(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        // The autoencoder as it is stored, so that the denoiser learns the latents that it will be given.
        _package.WriteIndex(config.Scheduler);
        using var vae = ModelPackage.Open(_package.Folder).LoadVae(ScalarType.Float32, options.Device);
        var encoding = new SpeedReports(progress, time, "latents");
        return LatentSet.Encode(vae, vae.Config.ScalingFactor, data, drawings, tokenizer, config.Colours, config.Seed, encoding, cancellationToken);
    }

    static ClipTextConfig Fit(ClipTextConfig text, ClipTokenizer tokenizer) =>
        text with { VocabSize = tokenizer.HighestId + 1, MaxPositionEmbeddings = tokenizer.Length };

    static string Fingerprint(TrainConfig config, DataSetReader data, TrainOptions options) => Convert.ToHexStringLower(SHA256.HashData(
        [.. JsonSerializer.SerializeToUtf8Bytes(config, TrainJson.Default.TrainConfig), .. System.Text.Encoding.UTF8.GetBytes($"{data.Manifest.Sha256} {options.Dtype} {options.Device.type}")]));
}
