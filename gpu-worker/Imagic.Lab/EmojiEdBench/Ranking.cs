namespace Imagic.Lab.EmojiEdBench;

/// <summary>What the nearest drawings of a gallery say of a picture.</summary>
public static class Ranking
{
    /// <summary>Rank of a concept among those of its style, 1 for the nearest. A concept is as near as its nearest drawing; a tie
    /// counts against it.</summary>
    /// <param name="similarities">Of the picture and each drawing of the gallery, (N).</param>
    /// <param name="gallery">What each drawing is.</param>
    /// <param name="target">One of the gallery.</param>
    /// <returns>The rank, and the concept that is nearest.</returns>
    public static (int Rank, string Nearest) Rank(ReadOnlySpan<float> similarities, IReadOnlyList<StyledConcept> gallery, StyledConcept target)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(target);
        var best = new Dictionary<string, float>();
        for (var i = 0; i < similarities.Length; i++)
        {
            var (style, concept) = gallery[i];
            if (style == target.Style)
                best[concept] = Math.Max(similarities[i], best.GetValueOrDefault(concept, float.NegativeInfinity));
        }
        var own = best[target.Concept];
        return (best.Values.Count(similarity => similarity >= own), best.MaxBy(entry => entry.Value).Key);
    }

    /// <summary>The style of the nearest drawing of a concept.</summary>
    /// <param name="similarities">Of the picture and each drawing of the gallery, (N).</param>
    /// <param name="gallery">What each drawing is.</param>
    /// <param name="concept">One of the gallery.</param>
    public static string NearestStyle(ReadOnlySpan<float> similarities, IReadOnlyList<StyledConcept> gallery, string concept)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        var nearest = -1;
        for (var i = 0; i < similarities.Length; i++)
        {
            if (gallery[i].Concept == concept && (nearest < 0 || similarities[i] > similarities[nearest])) nearest = i;
        }
        return gallery[nearest].Style;
    }
}
