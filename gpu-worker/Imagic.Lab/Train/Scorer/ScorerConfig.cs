using Imagic.Diffusion.Clip;

namespace Imagic.Lab.Train.Scorer;

/// <summary>Sizes of the scorer, <c>config.json</c> of its folder.</summary>
/// <param name="BlockOutChannels">Channels of each resolution level of the picture tower, finest first.</param>
/// <param name="Text">The text tower.</param>
/// <param name="EmbeddingSize">Width of the space that both map to.</param>
/// <param name="NormNumGroups">Groups of every group normalization.</param>
public sealed record ScorerConfig(IReadOnlyList<int> BlockOutChannels, ClipTextConfig Text, int EmbeddingSize = 128, int NormNumGroups = 16);
