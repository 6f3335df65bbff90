namespace Imagic.Lab.Bench;

/// <summary>What is timed, in the order in which an edit does it.</summary>
internal enum BenchPhase
{
    /// <summary>Picture to latent distribution, the whole batch at once.</summary>
    Encode,

    /// <summary>One pass through the UNet without gradients.</summary>
    Forward,

    /// <summary>One update of the embedding.</summary>
    Optimize,

    /// <summary>One update of all weights of the UNet.</summary>
    FineTune,

    /// <summary>One denoising step with guidance: twice the batch goes through the UNet.</summary>
    Sample,

    /// <summary>Latents to pictures, the whole batch at once.</summary>
    Decode,
}
