namespace Imagic.Diffusion.Configuration;

/// <summary>
/// How large a network a config may describe. Several times what any published model has: a broken or hostile file is refused
/// by its numbers, before its tensors are laid out.
/// </summary>
internal static class ConfigLimits
{
    /// <summary>Resolution levels.</summary>
    public const int Levels = 8;

    /// <summary>Resnets of a level.</summary>
    public const int LayersPerBlock = 16;

    /// <summary>Transformer blocks after a resnet.</summary>
    public const int TransformerLayers = 32;

    /// <summary>Layers of a text encoder.</summary>
    public const int EncoderLayers = 128;

    /// <summary>Channels, or width of a state.</summary>
    public const int Width = 1 << 16;

    /// <summary>Words of a vocabulary.</summary>
    public const int Vocabulary = 1 << 22;

    /// <summary>Side of the latents that a model was trained on.</summary>
    public const int SampleSize = 1024;

    /// <summary>Side of the pictures that a model of pictures reads.</summary>
    public const int Side = 4096;
}
