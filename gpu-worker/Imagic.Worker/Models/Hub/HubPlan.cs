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

    private const string StageOne = "IFPipeline", StageTwo = "IFSuperResolutionPipeline", StageOneFolder = "stage_1", StageTwoFolder = "stage_2";

    // A package can do without them.
    private static readonly string[] Optional = ["safety_checker", "feature_extractor"];

    // A cascade is used without them; its second stage is told the text by the encoder of the first.
    private static readonly string[] Unread = [.. Optional, "watermarker"], OfStageOne = ["text_encoder", "tokenizer"];

    /// <summary>Of a cascade, what its second repository gives; those files are also among this one's.</summary>
    public HubPlan? SuperResolution { get; private init; }

    /// <summary>One, or the two of a cascade.</summary>
    public IEnumerable<HubModel> Models => SuperResolution is null ? [Model] : [Model, SuperResolution.Model];

    /// <summary>Each index with the folder of the package that it goes to.</summary>
    internal IEnumerable<(string Folder, byte[] Content)> Indexes =>
        SuperResolution is null ? [("", Index)] : [(StageOneFolder, Index), (StageTwoFolder, SuperResolution.Index)];

    public long Bytes => Files.Sum(file => file.Length);

    /// <summary>Identity of the work: what is fetched in part is gone on with only for the very same.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', [.. Models.SelectMany(model => new[] { model.Name, model.Commit }), .. Files.Select(file => $"{Path.Combine(file.Folder, file.Path)} {file.Length} {file.Sha256 ?? file.GitBlob}")]))));

    /// <summary>Asks the hub and chooses.</summary>
    /// <exception cref="BadInputException">The repository holds no package that can be used.</exception>
    public static Task<HubPlan> MakeAsync(HubClient client, HubReference reference, string? variant, CancellationToken cancellationToken) =>
        MakeAsync(client, reference, variant, stage: null, cancellationToken);

    /// <summary>The same for a cascade, whose two stages are repositories of their own.</summary>
    /// <exception cref="BadInputException">One of them is none.</exception>
    public static async Task<HubPlan> MakeAsync(HubClient client, HubReference stageOne, HubReference stageTwo, string? variant, CancellationToken cancellationToken)
    {
        var one = await MakeAsync(client, stageOne, variant, StageOne, cancellationToken);
        var two = await MakeAsync(client, stageTwo, variant, StageTwo, cancellationToken);
        return one with
        {
            SuperResolution = two,
            Files = [.. one.Files.Select(file => file with { Folder = StageOneFolder }), .. two.Files.Select(file => file with { Folder = StageTwoFolder })],
            Notices = [.. one.Notices, .. two.Notices],
        };
    }

    /// <summary>Those that come from one repository.</summary>
    public HubFile[] FilesOf(HubModel model) => [.. Files.Where(file => ReferenceEquals(ModelOf(file), model))];

    /// <summary>The repository that a file is in.</summary>
    internal HubModel ModelOf(HubFile file) => file.Folder == StageTwoFolder ? SuperResolution!.Model : Model;

    private static async Task<HubPlan> MakeAsync(HubClient client, HubReference reference, string? variant, string? stage, CancellationToken cancellationToken)
    {
        if (variant is not (null or HalfPrecision)) throw new BadInputException($"--variant takes {HalfPrecision}; the weights without a variant are taken without it. Got '{variant}'.");
        var model = await client.FindAsync(reference, cancellationToken);
        if (model.Files.FirstOrDefault(file => file.Path == IndexName) is not { } named) throw NoPackage(model);
        var index = await client.ReadAsync(model, named, cancellationToken);
        await named.CheckAsync(new MemoryStream(index), cancellationToken);
        var (pipeline, components) = Read(index);
        if (stage is null && pipeline is StageOne or StageTwo)
            throw new BadInputException($"'{model.Name}' is one stage of a cascade. Pull both as one package: imagic models pull OWNER/STAGE-I OWNER/STAGE-II --name NAME.");
        if (stage is not null && pipeline != stage)
            throw new BadInputException($"'{model.Name}' is not stage {(stage == StageOne ? "I" : "II")} of a cascade: its pipeline is {pipeline}, expected {stage}. Name stage I first, then stage II.");
        IEnumerable<string> skipped = stage switch { null => [], StageOne => Unread, _ => Unread.Concat(OfStageOne) };
        var notices = new List<string>();
        HubFile[] files =
        [
            .. model.Files.Where(file => Card().IsMatch(file.Path)),
            .. components.Except(skipped).SelectMany(component => Choose(model, component, variant, notices)),
        ];
        if (variant is not null && !files.Any(file => file.Path.Contains($".{variant}", StringComparison.Ordinal)))
            throw new BadInputException($"'{model.Name}' has no weights of the variant {variant}. Leave out --variant.");
        return new(reference, model, variant, index, [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)], notices);
    }

    // The pipeline, and its components: an entry is [library, class]; [null, null] is one that the package does without.
    private static (string? Pipeline, string[] Components) Read(byte[] index)
    {
        try
        {
            using var json = JsonDocument.Parse(index);
            string[] components =
            [
                .. from entry in json.RootElement.EnumerateObject()
                   where entry.Value.ValueKind == JsonValueKind.Array && entry.Value.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String)
                   where Folder().IsMatch(entry.Name)
                   select entry.Name,
            ];
            return (json.RootElement.TryGetProperty("_class_name", out var name) ? name.ToString() : null, components);
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
