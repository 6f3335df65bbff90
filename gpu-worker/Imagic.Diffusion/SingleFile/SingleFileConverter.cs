using System.Text.Json;
using System.Text.Json.Nodes;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.SingleFile;

/// <summary>
/// Makes a package in the diffusers layout of a checkpoint in one file: Stable Diffusion 1.x, 2.x or XL under the keys of
/// the original code. Values and element types stay; one tensor at a time is in memory.
/// </summary>
public static class SingleFileConverter
{
    /// <summary>Looks whether a file can be converted, from its header alone.</summary>
    /// <exception cref="ModelPackageException">It is no such checkpoint.</exception>
    public static void Check(string path) => OriginalCheckpoint.Open(path).Dispose();

    /// <summary>Writes a package; its index comes last.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="folder">Of the package, empty or absent.</param>
    /// <param name="vocabulary">A <c>tokenizer/</c> folder: words and merges are not in the file, and the same for all CLIP models.</param>
    /// <param name="prediction">What the model estimates; null takes what most of its family do.</param>
    /// <param name="cancellationToken">Gives up between two components.</param>
    /// <returns>What a person should know of the package.</returns>
    /// <exception cref="ModelPackageException">It is no such checkpoint, or the vocabulary is another one.</exception>
    public static IReadOnlyList<string> Convert(
        string path, string folder, string vocabulary, PredictionType? prediction, CancellationToken cancellationToken)
    {
        using var checkpoint = OriginalCheckpoint.Open(path);
        var family = checkpoint.Family;
        var chosen = prediction ?? (family == OriginalFamily.V2 ? PredictionType.VPrediction : PredictionType.Epsilon);
        var configs = new OriginalConfigs(checkpoint, chosen);
        List<string> notices =
        [
            $"It is a {family.Name}.",
            .. prediction is null ? [$"What it estimates is not in the file: taken as {configs.Scheduler()["prediction_type"]}, as most of its family; the other is chosen with --prediction."] : Array.Empty<string>(),
            .. checkpoint.Has("model_ema.") ? ["Averaged weights (model_ema.*) are left out, as by diffusers: the model's own are taken."] : Array.Empty<string>(),
        ];
        foreach (var text in family.Texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var config = configs.Text(text);
            CopyVocabulary(vocabulary, Path.Combine(folder, text.Tokenizer), text, config);
            var layers = configs.LayersOf(text);
            Write(Path.Combine(folder, text.Component), "model", config, text.Prefix, (key, entry) => OriginalKeys.Text(text, key, entry, layers));
        }

        const string Stem = "diffusion_pytorch_model";
        cancellationToken.ThrowIfCancellationRequested();
        Write(Path.Combine(folder, "vae"), Stem, configs.Vae(), OriginalCheckpoint.VaePrefix, (key, entry) => OriginalKeys.VaeOf(key, entry, configs.VaeLevels));
        cancellationToken.ThrowIfCancellationRequested();
        Write(Path.Combine(folder, "unet"), Stem, configs.UNet(), OriginalCheckpoint.UNetPrefix, (key, entry) => OriginalKeys.UNet(key, entry, configs.ResnetsPerLevel));
        WriteJson(Path.Combine(folder, "scheduler", "scheduler_config.json"), configs.Scheduler());
        WriteJson(Path.Combine(folder, "model_index.json"), configs.Index());
        return notices;

        void Write(string component, string stem, JsonObject config, string prefix, Func<string, SafetensorsEntry, IEnumerable<OriginalPiece>> map)
        {
            WriteJson(Path.Combine(component, "config.json"), config);
            var mine = checkpoint.Entries.Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(entry => entry.Offset);
            TensorToWrite[] tensors =
            [
                .. from entry in mine
                   from piece in map(entry.Name[prefix.Length..], entry)
                   select new TensorToWrite(piece.Key, entry.Dtype, piece.Shape, () => piece.Of(checkpoint.File.ReadTensor(entry.Name))),
            ];
            if (tensors.GroupBy(tensor => tensor.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw checkpoint.Fail($"'{twice.Key}' of {Path.GetFileName(component)} is there twice, in an older and a newer form");
            SafetensorsWriter.WriteFile(Path.Combine(component, stem + ".safetensors"), tensors, SafetensorsWriter.PyTorch);
        }
    }

    private static void CopyVocabulary(string vocabulary, string folder, OriginalText text, JsonObject config)
    {
        var (found, wanted) = (ClipTokenizer.Load(vocabulary).HighestId + 1, (int)config["vocab_size"]!);
        if (found != wanted)
            throw new ModelPackageException(vocabulary, $"its vocabulary has {found} words, the text encoder knows {wanted}. Name the package of a Stable Diffusion.");
        WriteJson(Path.Combine(folder, "tokenizer_config.json"), OriginalConfigs.Tokenizer(text, (int)config["max_position_embeddings"]!));
        foreach (var file in ClipVocabulary.Files(vocabulary)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    private static void WriteJson(string path, JsonObject content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = File.Create(path);
        using var writer = new Utf8JsonWriter(stream, new() { Indented = true });
        content.WriteTo(writer);
    }
}
