namespace Imagic.Diffusion.Weights;

/// <summary>
/// State-dict keys of older and newer files as the keys that the models declare; null for a tensor that no model has a
/// use for.
/// </summary>
public static class WeightKeys
{
    private const string TextModel = "text_model.", TextProjection = "text_projection.weight";

    // Attention in older autoencoders (diffusers models/modeling_utils.py, deprecated attention blocks).
    private static readonly (string Old, string New)[] VaeAttention =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    /// <summary>
    /// Keys of a text encoder: transformers 5 saves them without <c>text_model.</c>, versions before 4.31 with the
    /// buffer <c>position_ids</c>.
    /// </summary>
    /// <param name="key">In the file.</param>
    /// <param name="layers">Layers of the model. A file may have more ("clip skip"): transformers leaves the rest out.</param>
    public static string? TextEncoder(string key, int layers)
    {
        if (key.EndsWith("embeddings.position_ids", StringComparison.Ordinal) || TextEncoderLayer(key) >= layers) return null;
        return key.StartsWith(TextModel, StringComparison.Ordinal) || key == TextProjection ? key : TextModel + key;
    }

    /// <summary>The layer that a text encoder's key belongs to; null for the other keys.</summary>
    public static int? TextEncoderLayer(string key)
    {
        const string Layers = "encoder.layers.";
        var at = key.IndexOf(Layers, StringComparison.Ordinal);
        return at >= 0 && key[(at + Layers.Length)..].Split('.') is [var number, _, ..] && int.TryParse(number, out var layer) ? layer : null;
    }

    /// <summary>Keys of a T5 encoder, whose embedding of tokens some files have twice.</summary>
    public static string? T5Encoder(string key) => key == "encoder.embed_tokens.weight" ? null : key;

    /// <summary>Keys of an autoencoder, old attention names included.</summary>
    public static string? Vae(string key)
    {
        if (!key.Contains(".attentions.", StringComparison.Ordinal)) return key;
        foreach (var (old, current) in VaeAttention) key = key.Replace(old, current, StringComparison.Ordinal);
        return key;
    }

    /// <summary>Keys of a safety checker; the buffer <c>position_ids</c> is counted by the code.</summary>
    public static string? SafetyChecker(string key) => key.EndsWith("embeddings.position_ids", StringComparison.Ordinal) ? null : key;
}
