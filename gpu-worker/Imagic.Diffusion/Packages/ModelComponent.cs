using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Packages;

/// <summary>One network of a package: a folder with <c>config.json</c> and safetensors weights.</summary>
/// <param name="folder">The component's folder.</param>
/// <param name="stem">Name of the weight files without extension.</param>
/// <param name="readConfig">Reads and validates the config at a path.</param>
/// <param name="create">Declares the network's parameters in a set that it owns from then on.</param>
/// <param name="mapKey">By the config: the network's key for a file's key, as in <see cref="SafetensorsSource"/>.</param>
internal sealed class ModelComponent<TConfig, TModel>(
    string folder,
    string stem,
    Func<string, TConfig> readConfig,
    Func<TConfig, ParameterSet, TModel> create,
    Func<TConfig, Func<string, string?>>? mapKey = null)
{
    public string Folder => folder;

    private string ConfigPath => Path.Combine(folder, "config.json");

    public TConfig ReadConfig() => readConfig(ConfigPath);

    /// <summary>The network with its parameters declared and no memory behind them.</summary>
    public TModel Declare() => create(ReadConfig(), new ParameterSet(ScalarType.Float32, CPU));

    public TModel Load(ScalarType dtype, Device device)
    {
        var parameters = new ParameterSet(dtype, device);
        try
        {
            var config = ReadConfig();
            var model = create(config, parameters);
            using var weights = WeightFiles.Open(folder, stem);
            parameters.Bind(new SafetensorsSource(weights.Files, mapKey?.Invoke(config)));
            return model;
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Reads the weights once more into a network that was loaded from here.</summary>
    public void Fill(ParameterSet parameters)
    {
        using var weights = WeightFiles.Open(folder, stem);
        new SafetensorsSource(weights.Files, mapKey?.Invoke(ReadConfig())).Fill(parameters);
    }

    /// <summary>Checks config, keys and shapes from the headers alone.</summary>
    /// <returns>Number of weights.</returns>
    public long Check()
    {
        using var parameters = new ParameterSet(ScalarType.Float32, CPU);
        var config = ReadConfig();
        create(config, parameters);
        using var weights = WeightFiles.Open(folder, stem);
        new SafetensorsSource(weights.Files, mapKey?.Invoke(config)).Check(parameters);
        return parameters.Count;
    }

    /// <summary>The keys of the weight files.</summary>
    public IReadOnlyList<string> Keys()
    {
        using var weights = WeightFiles.Open(folder, stem);
        return [.. weights.Files.SelectMany(file => file.Entries.Keys)];
    }

    /// <summary>The files that <see cref="Load"/> reads.</summary>
    public IEnumerable<string> Files() => [ConfigPath, .. Weights()];

    /// <summary>Those of them that hold weights, or say which do.</summary>
    public IEnumerable<string> Weights() => WeightFiles.Find(folder, stem);
}
