using System.Text.Json.Nodes;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Safety;

/// <summary>
/// Tells pictures that come too near to one of a package's concepts (diffusers
/// <c>pipelines/stable_diffusion/safety_checker.py</c>).
/// </summary>
public sealed class SafetyChecker : IDisposable
{
    private const int Concepts = 17, SpecialConcepts = 3;

    // What the special concepts, once one is near, take off the way to the others.
    private const double Care = 0.01;

    private readonly ParameterSet _parameters;
    private readonly ClipVisionModel _vision;
    private readonly Linear _projection;
    private readonly Tensor _concepts;
    private readonly Tensor _specialConcepts;
    private readonly Tensor _thresholds;
    private readonly Tensor _specialThresholds;

    /// <summary>Declares the model's parameters; the caller binds them.</summary>
    internal SafetyChecker(SafetyCheckerConfig config, ParameterSet parameters)
    {
        (_parameters, Pictures) = (parameters, config.Pictures);
        var root = parameters.Root;
        _vision = new(config.Vision, root["vision_model"]["vision_model"]);
        _projection = new(root["visual_projection"], config.Vision.HiddenSize, config.ProjectionDim, bias: false);
        (_concepts, _specialConcepts) = (root.Weight("concept_embeds", Concepts, config.ProjectionDim), root.Weight("special_care_embeds", SpecialConcepts, config.ProjectionDim));
        (_thresholds, _specialThresholds) = (root.Weight("concept_embeds_weights", Concepts), root.Weight("special_care_embeds_weights", SpecialConcepts));
    }

    /// <summary>How pictures have to be brought to <see cref="IsFlagged"/>.</summary>
    public ClipImageConfig Pictures { get; }

    /// <summary>Whether a picture should not be shown.</summary>
    /// <param name="pixels">Interleaved 8-bit RGB, (S, S, 3), resized and cut as <see cref="Pictures"/> says.</param>
    public bool IsFlagged(byte[] pixels)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var embedding = Embed(pixels);
        return IsFlagged(
            Cosines(embedding, _specialConcepts), _specialThresholds.cpu().data<float>().ToArray(),
            Cosines(embedding, _concepts), _thresholds.cpu().data<float>().ToArray());
    }

    /// <summary>The projected state of a picture, (1, p).</summary>
    internal Tensor Embed(byte[] pixels)
    {
        using var scope = NewDisposeScope();
        var side = Pictures.Crop;
        var unit = tensor(pixels, [1, side, side, 3], dtype: ScalarType.Byte).to(ScalarType.Float32).mul(Held(1.0 / 255));
        var normal = unit.add(tensor(Pictures.Mean), Held(-1)).div(tensor(Pictures.Deviation)).permute(0, 3, 1, 2).contiguous();
        return _projection.Forward(_vision.Forward(normal.to(_parameters.Device))).MoveToOuterDisposeScope();
    }

    /// <summary>Whether one of the concepts is nearer than its threshold, each a cosine; scores count in thousandths.</summary>
    internal static bool IsFlagged(ReadOnlySpan<float> specials, ReadOnlySpan<float> specialThresholds, ReadOnlySpan<float> concepts, ReadOnlySpan<float> thresholds)
    {
        var care = 0.0;
        for (var i = 0; i < specials.Length; i++)
        {
            if (IsNear(specials[i], specialThresholds[i], care)) care = Care;
        }

        for (var i = 0; i < concepts.Length; i++)
        {
            if (IsNear(concepts[i], thresholds[i], care)) return true;
        }

        return false;
    }

    public void Dispose() => _parameters.Dispose();

    private static bool IsNear(double cosine, double threshold, double care) => Math.Round(cosine - threshold + care, 3) > 0;

    private static float[] Cosines(Tensor embedding, Tensor concepts) => matmul(Unit(embedding), Unit(concepts).t()).cpu().contiguous().data<float>().ToArray();

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, p: 2, dim: 1);
}

/// <summary>What a safety checker is made of.</summary>
internal sealed record SafetyCheckerConfig(ClipVisionConfig Vision, int ProjectionDim, ClipImageConfig Pictures)
{
    private const int DefaultProjection = 512;

    /// <summary>Reads and checks both config files.</summary>
    /// <param name="path">Of the checker.</param>
    /// <param name="picturesPath">Of what prepares its pictures.</param>
    /// <exception cref="ModelPackageException">One is missing, broken, or asks for what is not supported.</exception>
    public static SafetyCheckerConfig Read(string path, string picturesPath)
    {
        var content = PackageJson.ReadConfig(path);
        var (vision, pictures) = (ClipVisionConfig.Read(path, content), ClipImageConfig.Read(picturesPath));
        var projection = content["projection_dim"] switch
        {
            null => DefaultProjection,
            JsonValue value when value.TryGetValue(out int number) && number is > 0 and <= ConfigLimits.Width => number,
            var other => throw new ModelPackageException(path, $"projection_dim is {other.ToJsonString()}, expected 1 to {ConfigLimits.Width}."),
        };
        if (pictures.Crop != vision.ImageSize)
            throw new ModelPackageException(picturesPath, $"crop_size is {pictures.Crop}, but the checker reads pictures of {vision.ImageSize}: the two are not of one model.");
        return new(vision, projection, pictures);
    }
}
