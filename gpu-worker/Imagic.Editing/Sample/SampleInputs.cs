using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>What sampling starts from.</summary>
/// <param name="Conditions">Source latent and texts.</param>
/// <param name="Optimized">e_opt, (1, T, d).</param>
/// <param name="Tuned">θ_tuned as one flat float32 buffer.</param>
public sealed record SampleInputs(Conditions Conditions, Tensor Optimized, Tensor Tuned);
