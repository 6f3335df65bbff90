namespace Imagic.Diffusion.Clip;

/// <summary>A text as the text encoder reads it.</summary>
/// <param name="Ids">Begin token, the text's tokens, end token, padding; always the tokenizer's length.</param>
/// <param name="TokenCount">Tokens of the whole text, without begin and end, before anything was cut.</param>
/// <param name="CutText">
/// The words that the model does not read, wholly or in part, lower-cased; empty when all of the text fits.
/// </param>
public sealed record ClipTokens(long[] Ids, int TokenCount, string CutText)
{
    /// <summary>Whether the text is longer than the model reads.</summary>
    public bool IsCut => CutText.Length > 0;
}
