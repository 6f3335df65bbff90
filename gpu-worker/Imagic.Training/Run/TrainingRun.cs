using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Training.Autoencoder;
using Imagic.Training.DataSet;
using Imagic.Training.Denoiser;
using Imagic.Training.Pictures;
using Imagic.Training.Scorer;
using Imagic.Training.Tokenizer;
using static TorchSharp.torch;

namespace Imagic.Training.Run;

/// <param name="Folder">Gets <c>model/</c>, <c>scorer/</c>, <c>checkpoints/</c>, <c>losses/</c>,
/// <c>report.json</c> and pictures.</param>
/// <param name="Dtype">What the denoiser and the scorer compute in.</param>
/// <param name="CheckpointInterval">Time between two checkpoints, at most.</param>
/// <param name="SheetInterval">Steps of the denoiser between two sheets of pictures, <c>sheets/STEP.png</c>; 0 makes none but the
/// last, <c>text-to-image.png</c>.</param>
public sealed record TrainOptions(string Folder, ScalarType Dtype, Device Device, TimeSpan CheckpointInterval, int SheetInterval = 0);

/// <summary>How far a training is.</summary>
/// <param name="What">Network, or the preparation before it.</param>
/// <param name="Step">Steps or pictures done.</param>
/// <param name="Of">In all.</param>
/// <param name="Loss">Of the newest step; null in preparations.</param>
/// <param name="PicturesPerSecond">Since the last report.</param>
public readonly record struct TrainingProgress(string What, int Step, int Of, float? Loss, double PicturesPerSecond);

/// <summary>Makes a model from a data set: tokenizer, autoencoder, scorer, then denoiser and text encoder. A run that was
/// stopped anywhere goes on by running it again, bit for bit on the CPU.</summary>
public sealed class TrainingRun(
    TrainConfig config, DataSetReader data, TrainOptions options, IProgress<TrainingProgress> progress, TimeProvider clock)
{
    readonly PackageWriter _package = new(Path.Combine(options.Folder, "model"));
    readonly string _fingerprint = Fingerprint(config, data, options);

    /// <summary>Trains what is not trained yet.</summary>
    /// <returns>Measures of what came out.</returns>
    /// <exception cref="OperationCanceledException">After a checkpoint was written.</exception>
    /// <exception cref="TrainConfigException">A checkpoint in the folder is of another training, or a loss is no number.</exception>
    public TrainingReport Run(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Folder);
        var tokenizer = LearnTokenizer();
        using var drawings = new DeviceDrawings(data, options.Device);
        var autoencoder = TrainAutoencoder(drawings, cancellationToken);
        var scorer = TrainScorer(drawings, tokenizer, cancellationToken);
        var denoiser = TrainDenoiser(drawings, tokenizer, cancellationToken);
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

    NetworkReport TrainAutoencoder(DeviceDrawings drawings, CancellationToken cancellationToken)
    {
        // float32 always: bfloat16's eight bits would be seen in what the decoder makes.
        using var trainer = new AutoencoderTrainer(config.Vae, config.TrainAutoencoder, drawings, ScalarType.Float32, config.Seed);
        var report = Train(trainer, cancellationToken);
        trainer.WithAverage(() => _package.WriteVae(trainer.Model, Reconstruction.ScalingFactor(trainer.Model, drawings)));
        return report;
    }

    NetworkReport TrainScorer(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        var model = config.Scorer with { Text = Fit(config.Scorer.Text, tokenizer) };
        using var trainer = new ScorerTrainer(model, config.TrainScorer, data, drawings, tokenizer, options.Dtype, config.Seed);
        var report = Train(trainer, cancellationToken);
        var folder = Path.Combine(options.Folder, "scorer");
        Directory.CreateDirectory(Path.Combine(folder, PictureTextScorer.TokenizerName));
        foreach (var file in Directory.EnumerateFiles(_package.TokenizerFolder))
            File.Copy(file, Path.Combine(folder, PictureTextScorer.TokenizerName, Path.GetFileName(file)), overwrite: true);
        File.WriteAllText(Path.Combine(folder, PictureTextScorer.ConfigFile), JsonSerializer.Serialize(model, ScorerJson.Default.ScorerConfig) + "\n");
        trainer.WithAverage(() => PackageWriter.WriteWeights(Path.Combine(folder, PictureTextScorer.WeightsFile), trainer.Model.Parameters));
        return report;
    }

    NetworkReport TrainDenoiser(DeviceDrawings drawings, ClipTokenizer tokenizer, CancellationToken cancellationToken)
    {
        using var latents = EncodeLatents(drawings, tokenizer, cancellationToken);
        using var trainer = new DenoiserTrainer(
            config.Unet, Fit(config.TextEncoder, tokenizer), config.ReadScheduler(), config.TrainDenoiser, latents, options.Dtype, config.Seed);
        var report = Train(trainer, cancellationToken, () =>
        {
            if (options.SheetInterval <= 0 || trainer.Step % options.SheetInterval != 0)
                return;
            Write();
            DrawSheet(Path.Combine("sheets", string.Create(CultureInfo.InvariantCulture, $"{trainer.Step:D6}.png")), cancellationToken);
        });
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
        var encoding = new Progress(progress, clock, "latents");
        return LatentSet.Encode(vae, vae.Config.ScalingFactor, data, drawings, tokenizer, config.Colours, config.Seed, encoding, cancellationToken);
    }

    NetworkReport Train(NetworkTrainer trainer, CancellationToken cancellationToken, Action? afterStep = null)
    {
        var checkpoint = Path.Combine(options.Folder, "checkpoints", $"{trainer.Name}.safetensors");
        Directory.CreateDirectory(Path.GetDirectoryName(checkpoint)!);
        TrainingCheckpoint.Restore(checkpoint, trainer, _fingerprint);
        var first = trainer.Step;
        var started = clock.GetTimestamp();
        var saved = started;
        var reports = new Progress(progress, clock, trainer.Name);
        while (trainer.Step < trainer.Config.Steps)
        {
            trainer.Advance();
            afterStep?.Invoke();
            if (reports.IsDue)
                reports.Report(trainer.Step, trainer.Config.Steps, Check(trainer), trainer.Config.Batch);
            if (cancellationToken.IsCancellationRequested || clock.GetElapsedTime(saved) > options.CheckpointInterval)
            {
                Check(trainer);
                TrainingCheckpoint.Write(checkpoint, trainer, _fingerprint);
                saved = clock.GetTimestamp();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        Check(trainer);
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        if (trainer.Step > first)
            TrainingCheckpoint.Write(checkpoint, trainer, _fingerprint);
        return NetworkReport.Of(trainer, options, trainer.Step - first, seconds);
    }

    static float Check(NetworkTrainer trainer)
    {
        var loss = trainer.LastLoss();
        return float.IsFinite(loss)
            ? loss
            : throw new TrainConfigException($"The {trainer.Name} diverged: the loss of step {trainer.Step} is {loss}. Lower train_{trainer.Name}.learning_rate and delete its checkpoint.");
    }

    static ClipTextConfig Fit(ClipTextConfig text, ClipTokenizer tokenizer) =>
        text with { VocabSize = tokenizer.HighestId + 1, MaxPositionEmbeddings = tokenizer.Length };

    static string Fingerprint(TrainConfig config, DataSetReader data, TrainOptions options) => Convert.ToHexStringLower(SHA256.HashData(
        [.. JsonSerializer.SerializeToUtf8Bytes(config, TrainJson.Default.TrainConfig), .. System.Text.Encoding.UTF8.GetBytes($"{data.Manifest.Sha256} {options.Dtype} {options.Device.type}")]));

    /// <summary>Reports about once a second, with the speed since the report before.</summary>
    sealed class Progress(IProgress<TrainingProgress> reports, TimeProvider clock, string what) : IProgress<(int Done, int Of)>
    {
        long _last = clock.GetTimestamp();
        int? _lastStep;

        public bool IsDue => clock.GetElapsedTime(_last) > TimeSpan.FromSeconds(1);

        public void Report(int step, int of, float? loss, int batch)
        {
            var seconds = clock.GetElapsedTime(_last).TotalSeconds;
            var speed = _lastStep is { } before ? (step - before) * batch / seconds : 0;
            (_last, _lastStep) = (clock.GetTimestamp(), step);
            reports.Report(new(what, step, of, loss, speed));
        }

        public void Report((int Done, int Of) value)
        {
            if (IsDue || value.Done == value.Of)
                Report(value.Done, value.Of, null, 1);
        }
    }
}
