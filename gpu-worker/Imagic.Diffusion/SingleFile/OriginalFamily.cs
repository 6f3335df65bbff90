namespace Imagic.Diffusion.SingleFile;

/// <summary>A text encoder in the file.</summary>
/// <param name="Component">Its folder in a package.</param>
/// <param name="Tokenizer">Its tokenizer's.</param>
/// <param name="Prefix">Of its keys.</param>
/// <param name="IsOpenClip">Whether it has OpenCLIP's keys and activation, not those of transformers.</param>
/// <param name="LayersLeftOut">Last layers that the model never reads.</param>
/// <param name="IsProjected">Whether its projection is read.</param>
internal sealed record OriginalText(
    string Component, string Tokenizer, string Prefix, bool IsOpenClip, int LayersLeftOut = 0, bool IsProjected = false);

/// <summary>What a file does not say, and all files of a kind share (diffusers <c>loaders/single_file_utils.py</c>).</summary>
/// <param name="Name">For people.</param>
/// <param name="Texts">The text encoders, whose keys tell the family.</param>
/// <param name="VaeScale">Factor of the latents.</param>
internal sealed record OriginalFamily(string Name, OriginalText[] Texts, double VaeScale)
{
    public static readonly OriginalFamily V1 = new(
        "Stable Diffusion 1.x", [new("text_encoder", "tokenizer", "cond_stage_model.transformer.", IsOpenClip: false)], 0.18215);

    public static readonly OriginalFamily V2 = new(
        "Stable Diffusion 2.x", [new("text_encoder", "tokenizer", "cond_stage_model.model.", IsOpenClip: true, LayersLeftOut: 1)], 0.18215);

    public static readonly OriginalFamily XL = new(
        "Stable Diffusion XL",
        [
            new("text_encoder", "tokenizer", "conditioner.embedders.0.transformer.", IsOpenClip: false),
            new("text_encoder_2", "tokenizer_2", "conditioner.embedders.1.model.", IsOpenClip: true, IsProjected: true),
        ],
        0.13025);

    public static readonly OriginalFamily[] All = [XL, V2, V1];
}
