using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Imagic.Contracts.Models;

namespace Imagic.Worker.Models.Hub;

/// <summary>Which files of a model are fetched: those that a package is read from, each weight once.</summary>
/// <param name="Reference">What was asked for.</param>
/// <param name="Variant">Of the weights, where one was asked for.</param>
/// <param name="Index">Content of <c>model_index.json</c>.</param>
/// <param name="Files">All others, by path.</param>
/// <param name="Notices">What a person should know of what is left out or taken instead.</param>
public sealed partial record HubPlan(HubReference Reference, HubModel Model, string? Variant, byte[] Index, IReadOnlyList<HubFile> Files, IReadOnlyList<string> Notices)
{
    /// <summary>The one variant that packages are read in.</summary>
    public const string HalfPrecision = "fp16";

    internal const string IndexName = "model_index.json";

    // A package can do without them.
    private static readonly string[] Optional = ["safety_checker", "feature_extractor"];

    public long Bytes => Files.Sum(file => file.Length);

    /// <summary>Identity of the work: what is fetched in part is gone on with only for the very same.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', [Model.Name, Model.Commit, .. Files.Select(file => $"{file.Path} {file.Length} {file.Sha256 ?? file.GitBlob}")]))));

    /// <summary>Asks the hub and chooses.</summary>
    /// <exception cref="BadInputException">The repository holds no package that can be used.</exception>
    public static async Task<HubPlan> MakeAsync(HubClient client, HubReference reference, string? variant, CancellationToken cancellationToken)
    {
        if (variant is not (null or HalfPrecision)) throw new BadInputException($"--variant takes {HalfPrecision}; the weights without a variant are taken without it. Got '{variant}'.");
        var model = await client.FindAsync(reference, cancellationToken);
        if (model.Files.FirstOrDefault(file => file.Path == IndexName) is not { } named) throw NoPackage(model);
        var index = await client.ReadAsync(model, named, cancellationToken);
        await named.CheckAsync(new MemoryStream(index), cancellationToken);
        var notices = new List<string>();
        HubFile[] files =
        [
            .. model.Files.Where(file => Card().IsMatch(file.Path)),
            .. Components(index).SelectMany(component => Choose(model, component, variant, notices)),
        ];
        if (variant is not null && !files.Any(file => file.Path.Contains($".{variant}", StringComparison.Ordinal)))
            throw new BadInputException($"'{model.Name}' has no weights of the variant {variant}. Leave out --variant.");
        return new(reference, model, variant, index, [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)], notices);
    }

    // An entry is [library, class]; [null, null] is a component that the package does without.
    private static IEnumerable<string> Components(byte[] index)
    {
        try
        {
            using var json = JsonDocument.Parse(index);
            return
            [
                .. from entry in json.RootElement.EnumerateObject()
                   where entry.Value.ValueKind == JsonValueKind.Array && entry.Value.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String)
                   where Folder().IsMatch(entry.Name)
                   select entry.Name,
            ];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new BadInputException($"The {IndexName} of that model is no JSON object: {exception.Message}", exception);
        }
    }

    private static IEnumerable<HubFile> Choose(HubModel model, string component, string? variant, List<string> notices)
    {
        var files = model.Files.Where(file => Path.GetDirectoryName(file.Path) == component).ToDictionary(file => Path.GetFileName(file.Path));
        var texts = files.Values.Where(file => Text().IsMatch(file.Path) && !file.Path.Contains(".index", StringComparison.Ordinal));
        // What the hub gives twice is read in full precision where it is there, see WeightFiles.
        foreach (var kind in (string[])(variant is null ? ["", $".{HalfPrecision}"] : [$".{variant}", ""]))
        {
            foreach (var stem in (string[])["diffusion_pytorch_model", "model"])
            {
                if (Weights(files, stem, kind) is not { Count: > 0 } weights) continue;
                if (variant is not null && kind.Length == 0) notices.Add($"{component} has no {variant} weights; those in full precision are taken.");
                if (variant is null && kind.Length > 0) notices.Add($"{component} has weights in {HalfPrecision} only; they are taken.");
                return [.. texts, .. weights];
            }
        }

        var others = files.Keys.Where(name => Network().IsMatch(name)).ToArray();
        if (others.Length == 0 && files.Count > 0) return texts;
        var what = others.Length == 0
            ? "is named but not there"
            : $"has no safetensors weights, only {string.Join(", ", others.Take(3))}";
        if (Optional.Contains(component))
        {
            notices.Add($"{component} {what}; the package is pulled without it.");
            return [];
        }

        throw new BadInputException(
            $"'{model.Name}' cannot be used: {component} {what}. "
            + (others.Any(name => Pickle().IsMatch(name)) ? "Those are pickles, which can run code when read, so they never are. Take a repository or a revision (some have one below refs/pr/) with safetensors." : "Take another repository or revision."));
    }

    private static List<HubFile> Weights(Dictionary<string, HubFile> files, string stem, string kind)
    {
        if (files.TryGetValue($"{stem}{kind}.safetensors", out var single)) return [single];
        if (!files.TryGetValue($"{stem}.safetensors.index{kind}.json", out var index)) return [];
        return [index, .. files.Values.Where(file => Shard().Match(Path.GetFileName(file.Path)) is { Success: true } shard
            && shard.Groups["stem"].Value == stem && shard.Groups["early"].Value + shard.Groups["late"].Value == kind)];
    }

    private static BadInputException NoPackage(HubModel model)
    {
        var single = model.Files.Where(file => !file.Path.Contains('/') && Network().IsMatch(file.Path)).Select(file => file.Path).ToArray();
        return new(
            $"'{model.Name}' is no package in the diffusers layout: it has no {IndexName}. "
            + (single.Length == 0 ? "Look for one with folders such as unet and vae."
                : $"It has whole checkpoints in one file ({string.Join(", ", single.Take(3))}): fetch one that ends with .safetensors and make a package of it with imagic models convert, or look for one with folders such as unet and vae."));
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\z")]
    private static partial Regex Folder();

    [GeneratedRegex(@"\A(README\.md|LICENSE[A-Za-z0-9._-]*)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Card();

    [GeneratedRegex(@"\.(json|txt|model)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Text();

    [GeneratedRegex(@"\.(safetensors|bin|ckpt|pt|pth|pkl|msgpack|h5|onnx|onnx_data|pb|xml|gguf)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Network();

    [GeneratedRegex(@"\.(bin|ckpt|pt|pth|pkl)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Pickle();

    // diffusers puts the variant before the number or, in older versions, behind it.
    [GeneratedRegex(@"\A(?<stem>diffusion_pytorch_model|model)(?<early>\.[a-z0-9_]+)?-[0-9]+-of-[0-9]+(?<late>\.[a-z0-9_]+)?\.safetensors\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Shard();
}
