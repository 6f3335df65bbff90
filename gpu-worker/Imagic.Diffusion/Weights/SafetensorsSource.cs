using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>Fills a model's parameters from safetensors files, which stay open with the caller.</summary>
/// <param name="files">One file, or the shards of one model.</param>
/// <param name="mapKey">
/// The model's key for a file's key, for files of older layouts; null for a tensor that the model has no use for.
/// </param>
public sealed class SafetensorsSource(IReadOnlyList<SafetensorsFile> files, Func<string, string?>? mapKey = null)
    : IParameterSource
{
    private const int ProblemsShown = 5;

    public void Fill(ParameterSet parameters)
    {
        var found = Match(parameters);
        foreach (var parameter in parameters.Parameters)
        {
            var (file, entry) = found[parameter.Name];
            file.CopyTo(entry.Name, parameter.Value);
        }
    }

    /// <summary>Checks from the headers that <see cref="Fill"/> would succeed; the set need not be bound.</summary>
    /// <exception cref="ModelPackageException">Names what is missing, misshapen or left over, all at once.</exception>
    public void Check(ParameterSet parameters) => Match(parameters);

    private Dictionary<string, (SafetensorsFile File, SafetensorsEntry Entry)> Match(ParameterSet parameters)
    {
        var problems = new List<string>();
        var found = new Dictionary<string, (SafetensorsFile File, SafetensorsEntry Entry)>();
        foreach (var file in files)
        {
            foreach (var entry in file.Entries.Values)
            {
                if (MapKey(entry.Name) is not { } key) continue;
                if (!found.TryAdd(key, (file, entry))) problems.Add($"'{key}' is there twice, also as '{entry.Name}'");
            }
        }

        var unexpected = found.Keys.ToHashSet();
        foreach (var parameter in parameters.Parameters)
        {
            unexpected.Remove(parameter.Name);
            if (Problem(parameter, found.GetValueOrDefault(parameter.Name).Entry) is { } problem) problems.Add(problem);
        }

        problems.AddRange(unexpected.Select(key => $"'{found[key].Entry.Name}' is not a tensor of this model"));
        return problems.Count == 0 ? found : throw Failure(problems);
    }

    private static string? Problem(Parameter parameter, SafetensorsEntry? entry)
    {
        var shape = Format(parameter.Shape);
        if (entry is null) return $"'{parameter.Name}' is missing, expected {shape}";
        if (!Fits(entry.Shape, parameter.Shape)) return $"'{entry.Name}' has shape {Format(entry.Shape)}, expected {shape}";
        if (is_floating_point(entry.Dtype)) return null;
        return $"'{entry.Name}' has dtype {SafetensorsDtype.NameOf(entry.Dtype)}, expected a floating-point one";
    }

    private string? MapKey(string key) => mapKey is null ? key : mapKey(key);

    // Older files keep linear projections as 1×1 convolutions, (C, C, 1, 1) for (C, C): the same numbers.
    private static bool Fits(ReadOnlySpan<long> shape, ReadOnlySpan<long> expected)
    {
        if (shape.SequenceEqual(expected)) return true;
        return shape.Length == expected.Length + 2 && shape.EndsWith([1L, 1L]) && shape[..^2].SequenceEqual(expected);
    }

    private static string Format(long[] shape) => $"[{string.Join(", ", shape)}]";

    private ModelPackageException Failure(List<string> problems)
    {
        var rest = problems.Count > ProblemsShown ? $"; and {problems.Count - ProblemsShown} more" : "";
        var shown = string.Join("; ", problems.Take(ProblemsShown));
        // A prefix of the original Stable Diffusion code: a whole model in one file, under other names.
        if (files.Any(file => file.Entries.Keys.Any(key => key.StartsWith("model.diffusion_model.", StringComparison.Ordinal))))
        {
            return new ModelPackageException(
                files[0].Name, "it is a checkpoint of a whole model in one file, not a component's weights. Make a package of it with: imagic models convert FILE");
        }

        return new ModelPackageException(
            files[0].Name,
            $"the tensors do not fit the model that the config describes ({problems.Count} problems): {shown}{rest}. "
            + "Weights and config must be of one model.");
    }
}
