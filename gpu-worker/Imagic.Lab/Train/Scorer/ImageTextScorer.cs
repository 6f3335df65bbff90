using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Scorer;

/// <summary>The trained scorer: how near pictures and texts are to each other. A folder with <c>config.json</c>,
/// <c>model.safetensors</c> and <c>tokenizer/</c>.</summary>
public sealed class ImageTextScorer : IDisposable
{
    private const string ConfigFile = "config.json", WeightsFile = "model.safetensors", TokenizerName = "tokenizer";

    private readonly ImageTextModel _model;
    private readonly ClipTokenizer _tokenizer;

    private ImageTextScorer(ImageTextModel model, ClipTokenizer tokenizer, string sha256) => (_model, _tokenizer, Sha256) = (model, tokenizer, sha256);

    /// <summary>SHA-256 of the weights.</summary>
    public string Sha256 { get; }

    /// <exception cref="ModelPackageException">A file is missing or broken.</exception>
    public static ImageTextScorer Load(string folder, Device device)
    {
        var path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path))
            throw new ModelPackageException(path, "there is no scorer. 'imagic lab train' makes one.");
        var config = JsonSerializer.Deserialize(File.ReadAllBytes(path), ModelJson.Default.ScorerConfig)
            ?? throw new ModelPackageException(path, "it is empty.");
        var tokenizer = ClipTokenizer.Load(Path.Combine(folder, TokenizerName));
        var weightsPath = Path.Combine(folder, WeightsFile);
        using var weights = SafetensorsFile.Open(weightsPath);
        var model = new ImageTextModel(config, ScalarType.Float32, device);
        try
        {
            model.Parameters.Bind(new SafetensorsSource([weights]));
            using var stream = File.OpenRead(weightsPath);
            return new(model, tokenizer, Convert.ToHexStringLower(SHA256.HashData(stream)));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes what <see cref="Load"/> reads.</summary>
    internal static void Write(string folder, ScorerConfig config, ImageTextModel model, string tokenizer)
    {
        Directory.CreateDirectory(Path.Combine(folder, TokenizerName));
        foreach (var file in Directory.EnumerateFiles(tokenizer))
            File.Copy(file, Path.Combine(folder, TokenizerName, Path.GetFileName(file)), overwrite: true);
        File.WriteAllText(Path.Combine(folder, ConfigFile), JsonSerializer.Serialize(config, ModelJson.Default.ScorerConfig) + "\n");
        PackageWriter.WriteWeights(Path.Combine(folder, WeightsFile), model.Parameters);
    }

    /// <summary>(B, 3, 64, 64) float32 in [−1, 1] → (B, d) of length 1.</summary>
    public Tensor EmbedImages(Tensor pixels)
    {
        using var noGrad = no_grad();
        return _model.EmbedImages(pixels);
    }

    /// <summary>Texts → (B, d) of length 1.</summary>
    public Tensor EmbedTexts(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        long[] ids = [.. texts.SelectMany(text => _tokenizer.Encode(text).Ids)];
        return _model.EmbedTexts(tensor(ids, [texts.Count, _tokenizer.Length], dtype: ScalarType.Int64).to(_model.Parameters.Device))
            .MoveToOuterDisposeScope();
    }

    public void Dispose() => _model.Dispose();
}
