using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Weights;
using Microsoft.ML.Tokenizers;

namespace Imagic.Diffusion.T5;

/// <summary>
/// Text to token ids, the ids of transformers' <c>T5Tokenizer</c>: SentencePiece unigram, an end token, padding and
/// truncation to the model's length. Safe for concurrent use.
/// </summary>
public sealed class T5Tokenizer
{
    /// <summary>Tokens that DeepFloyd IF was trained with, whatever longer ones T5 reads.</summary>
    public const int IFLength = 77;

    private const string ModelName = "spiece.model";

    // T5's models say that there is no begin token, id −1, at which the library stumbles. What is appended to a protobuf
    // message is merged into it: field 2, trainer_spec, of which field 41, bos_id, is 1.
    private static readonly byte[] BeginningOfSentence = [0x12, 3, 0xC8, 0x02, 1];

    private readonly SentencePieceTokenizer _pieces;

    private T5Tokenizer(SentencePieceTokenizer pieces, int length) => (_pieces, Length) = (pieces, length);

    /// <summary>Number of ids that every text becomes, T.</summary>
    public int Length { get; }

    /// <summary>The highest id of the vocabulary.</summary>
    public int HighestId => _pieces.Vocabulary.Values.Max();

    /// <summary>The files of a <c>tokenizer/</c> folder that are read.</summary>
    internal static IEnumerable<string> Files(string folder) => [Path.Combine(folder, ModelName)];

    /// <summary>Reads a <c>tokenizer/</c> folder.</summary>
    /// <param name="folder">It has SentencePiece's model, <c>spiece.model</c>.</param>
    /// <param name="length">Number of ids that every text becomes.</param>
    /// <exception cref="ModelPackageException">A file is missing, broken, or of another kind of tokenizer.</exception>
    public static T5Tokenizer Load(string folder, int length = IFLength)
    {
        var path = Path.Combine(folder, ModelName);
        var model = PackageFile.ReadBytes(path);
        try
        {
            return new(SentencePieceTokenizer.Create(new MemoryStream([.. model, .. BeginningOfSentence]), addBeginningOfSentence: false, addEndOfSentence: false), length);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException or NotSupportedException)
        {
            throw new ModelPackageException(path, $"it is no SentencePiece model that can be read: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// The ids of a text in lower case, with its end token, cut or padded to <see cref="Length"/>, and 1 at each that is not
    /// padding. That is what IF's pipelines do without ftfy and Beautiful Soup, which mend broken encodings and take HTML out.
    /// </summary>
    public (long[] Ids, long[] Mask) Encode(string text)
    {
        var known = Pieces(text).Take(Length - 1).ToList();
        var (ids, mask) = (new long[Length], new long[Length]);
        for (var i = 0; i < known.Count; i++) ids[i] = known[i];
        ids[known.Count] = _pieces.EndOfSentenceId;
        Array.Fill(mask, 1, 0, known.Count + 1);
        return (ids, mask);
    }

    /// <summary>The end of a text that does not fit; empty when all of it does.</summary>
    public string Cut(string text)
    {
        var clean = Clean(text);
        if (Pieces(text).Count() < Length) return "";
        var read = _pieces.GetIndexByTokenCount(clean, Length - 1, out var normalized, out _);
        return (normalized ?? clean)[read..].Replace('\u2581', ' ').Trim();
    }

    // SentencePiece makes one of unknown pieces in a row; the library gives each.
    private IEnumerable<int> Pieces(string text)
    {
        var pieces = _pieces.EncodeToIds(Clean(text));
        return pieces.Where((id, i) => id != _pieces.UnknownId || i == 0 || pieces[i - 1] != id);
    }

    private static string Clean(string text) => string.Concat(BasicTokenizer.Lower(text).Trim().Where(letter => !IsDropped(letter)));

    // SentencePiece's normalization nmt_nfkc maps these to nothing, which the library does not.
    private static bool IsDropped(char letter) => letter is
        (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F';
}
