namespace Imagic.Lab.EmojiEdBench;

/// <summary>How a picture of an edit was made.</summary>
public abstract record Rendering
{
    private Rendering()
    {
    }

    /// <summary>The method that is measured, at one η and weight blend s.</summary>
    public sealed record Imagic(double Eta, double Blend) : Rendering;

    /// <summary>At a strength that was found: 0 is the suggested picture, 1 … those of its seed's axis. A shorter axis repeats its last.</summary>
    public sealed record Found(int Cell) : Rendering;

    /// <summary>Of those the nearest to the source that succeeds: what a rule that knows the answer would choose.</summary>
    public sealed record BestFound : Rendering;

    /// <summary>The source noised up to a share of the schedule, and denoised with the target text.</summary>
    public sealed record SdEdit(double Strength) : Rendering;

    /// <summary>The source's own noise, denoised with the target text.</summary>
    public sealed record Ddib : Rendering;

    /// <summary>Noise denoised with the target text: knows nothing of the source.</summary>
    public sealed record TextToImage : Rendering;

    /// <summary>The source as it is: the floor of all measures.</summary>
    public sealed record Unedited : Rendering;

    /// <summary>The true picture of the target through the autoencoder: the ceiling.</summary>
    public sealed record TrueTarget : Rendering;
}
