using Imagic.Diffusion.Safety;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Packages;

/// <summary>The safety checker of a package, and what prepares its pictures.</summary>
internal sealed class SafetyComponent
{
    public const string Name = "safety_checker", ClassName = "StableDiffusionSafetyChecker";

    private readonly ModelComponent<SafetyCheckerConfig, SafetyChecker> _checker;
    private readonly string _pictures;

    private SafetyComponent(string folder)
    {
        _pictures = Path.Combine(folder, "feature_extractor", "preprocessor_config.json");
        _checker = new(Path.Combine(folder, Name), "model", path => SafetyCheckerConfig.Read(path, _pictures), (config, set) => new(config, set), _ => WeightKeys.SafetyChecker);
    }

    /// <summary>The one in a package; null when it was left out.</summary>
    public static SafetyComponent? Find(string folder) => Directory.Exists(Path.Combine(folder, Name)) ? new(folder) : null;

    public SafetyChecker Load(Device device) => _checker.Load(ScalarType.Float32, device);

    public long Check() => _checker.Check();

    public IEnumerable<string> Files() => [_pictures, .. _checker.Files()];
}
