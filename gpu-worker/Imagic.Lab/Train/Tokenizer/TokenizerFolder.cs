using System.Text.Json;
using System.Text.Json.Nodes;
using Imagic.Diffusion.Clip;

namespace Imagic.Lab.Train.Tokenizer;

/// <summary>A <c>tokenizer/</c> folder as transformers' <c>CLIPTokenizer</c> reads it.</summary>
public static class TokenizerFolder
{
    private const string Start = "<|startoftext|>", End = "<|endoftext|>";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes vocabulary, merges and configuration.</summary>
    /// <param name="length">Number of ids that every text becomes.</param>
    public static void Write(string folder, IReadOnlyList<(string First, string Second)> merges, int length)
    {
        ArgumentNullException.ThrowIfNull(merges);
        Directory.CreateDirectory(folder);
        var vocabulary = new JsonObject();
        // CLIP's order: bytes as they sort when printed, the same at the end of a word, then what merges make.
        string[] bytes = [.. BytePairEncoder.ByteSymbols.OrderBy(symbol => symbol, StringComparer.Ordinal)];
        foreach (var symbol in bytes.Concat(bytes.Select(symbol => symbol + BytePairEncoder.WordEnd))
            .Concat(merges.Select(merge => merge.First + merge.Second)).Append(Start).Append(End))
        {
            vocabulary.TryAdd(symbol, vocabulary.Count);
        }
        var configuration = new JsonObject
        {
            ["bos_token"] = Start, ["eos_token"] = End, ["pad_token"] = End, ["unk_token"] = End,
            ["model_max_length"] = length, ["tokenizer_class"] = "CLIPTokenizer", ["do_lower_case"] = true,
        };
        File.WriteAllText(Path.Combine(folder, "vocab.json"), vocabulary.ToJsonString() + "\n");
        File.WriteAllText(
            Path.Combine(folder, "merges.txt"),
            "#version: 0.2\n" + string.Concat(merges.Select(merge => $"{merge.First} {merge.Second}\n")));
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), configuration.ToJsonString(Indented) + "\n");
    }
}
