using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>
/// A key prefix under which layers declare their parameters, so that the path in the code is the path in the state
/// dict: <c>scope["down_blocks"][0]["resnets"][1]</c> is <c>down_blocks.0.resnets.1</c>.
/// </summary>
public readonly record struct ParameterScope(ParameterSet Set, string Path)
{
    /// <summary>The scope one level down.</summary>
    public ParameterScope this[string name] => new(Set, Path.Length == 0 ? name : $"{Path}.{name}");

    /// <summary>The scope of a list's element.</summary>
    public ParameterScope this[int index] => this[index.ToString(System.Globalization.CultureInfo.InvariantCulture)];

    /// <summary>Declares a weight that starts out normally distributed.</summary>
    public Tensor Weight(string name, params long[] shape) => Set.Declare(this[name].Path, shape, Initializer.Normal);

    /// <summary>Declares the place for a product of low rank beside the layer of this path.</summary>
    public LowRank LowRank() => Set.DeclareLowRank(Path);

    /// <summary>Declares a gain that starts at one.</summary>
    public Tensor Ones(string name, params long[] shape) => Set.Declare(this[name].Path, shape, Initializer.One);

    /// <summary>Declares a bias that starts at zero.</summary>
    public Tensor Zeros(string name, params long[] shape) => Set.Declare(this[name].Path, shape, Initializer.Zero);

    /// <summary>Tells <see cref="ParameterSet.OnOutput"/> what the layer of this scope gave, and passes it on.</summary>
    public Tensor Gave(Tensor output)
    {
        Set.OnOutput?.Invoke(Path, output);
        return output;
    }
}
