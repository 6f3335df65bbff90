using System.Text.Json;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using Imagic.Lab.Train.Optimizer;
using Imagic.Lab.Train.Scorer;

namespace Imagic.Lab.Train;

/// <param name="Merges">Merges of the byte-pair encoding, at most.</param>
/// <param name="Length">Token ids of every text.</param>
public sealed record TokenizerPlan(int Merges, int Length);

/// <summary>All that a training depends on besides its data set: the file of <c>imagic lab train --config</c>. Networks are
/// described as in the package's own configuration files.</summary>
/// <param name="Seed">Start values and draws.</param>
/// <param name="Colours">Backgrounds of each drawing, besides white, that the denoiser sees.</param>
/// <param name="Vae">Without its scaling factor, which is measured.</param>
/// <param name="TextEncoder">Without vocabulary size and positions, which the tokenizer gives; so in the scorer.</param>
public sealed record TrainConfig(
    long Seed, int Colours, TokenizerPlan Tokenizer, AutoencoderKLConfig Vae, ClipTextConfig TextEncoder, UNet2DConditionConfig Unet,
    JsonElement Scheduler, ScorerConfig Scorer, OptimizerConfig TrainAutoencoder, OptimizerConfig TrainDenoiser,
    OptimizerConfig TrainScorer)
{
    /// <exception cref="BadInputException">The file is missing, broken, or asks for what cannot be.</exception>
    public static TrainConfig Read(string path)
    {
        try
        {
            var config = JsonSerializer.Deserialize(File.ReadAllBytes(path), ModelJson.Strict.TrainConfig)
                ?? throw new BadInputException($"{path} is empty.");
            config.Validate(path);
            return config;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The noise schedule; <c>scheduler_config.json</c> of the package.</summary>
    public SchedulerConfig ReadScheduler() => SchedulerConfig.Parse("scheduler", Scheduler.GetRawText());

    private void Validate(string path)
    {
        TrainAutoencoder.Validate("train_autoencoder");
        TrainDenoiser.Validate("train_denoiser");
        TrainScorer.Validate("train_scorer");
        Vae.Validate(path);
        Unet.Validate(path);
        ReadScheduler();
        if (Unet.CrossAttentionDim != TextEncoder.HiddenSize)
            throw new BadInputException($"unet.cross_attention_dim is {Unet.CrossAttentionDim}, text_encoder.hidden_size {TextEncoder.HiddenSize}; they must be equal.");
        if (Colours < 0 || Colours > DataSet.Background.Colours.Count)
            throw new BadInputException($"colours is {Colours}, expected 0 to {DataSet.Background.Colours.Count}.");
        if (Tokenizer is not { Merges: >= 0, Length: > 2 })
            throw new BadInputException("tokenizer.merges must be 0 or more, tokenizer.length more than 2.");
    }
}
