using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Imagic.Diffusion.Weights;

namespace Imagic.Lab.Parity;

/// <summary>
/// <c>expected.json</c> of a reference folder. What a folder does not say is null; positional, because source-generated
/// JSON keeps the defaults of parameters.
/// </summary>
/// <param name="Prompts">Texts of the recorded ids and states, in order.</param>
/// <param name="Tensors">What each tensor of <c>expected.safetensors</c> is.</param>
/// <param name="TracePrompt">Target text of the recorded edit.</param>
/// <param name="HyperParameters">Numbers of the recorded edit.</param>
/// <param name="ResolvedSchedulerConfigs">All values of each recorded scheduler, by its name in tensor names.</param>
/// <param name="UNetParamNames">Keys of the parameters, in the order of tensors with one number for each.</param>
/// <param name="S1UNetParamNames">The same of a cascade's base.</param>
/// <param name="S2UNetParamNames">The same of its super-resolution.</param>
/// <param name="KvParamNames">The same of those that tuning <c>kv</c> moves.</param>
/// <param name="LoraParamNames">The same of those that tuning <c>lora</c> moves.</param>
internal sealed record ReferenceManifest(
    IReadOnlyList<string> Prompts,
    IReadOnlyDictionary<string, ReferenceTensor> Tensors,
    string TracePrompt = "",
    ReferenceHyperParameters? HyperParameters = null,
    IReadOnlyDictionary<string, JsonObject>? ResolvedSchedulerConfigs = null,
    [property: JsonPropertyName("unet_param_names")] IReadOnlyList<string>? UNetParamNames = null,
    [property: JsonPropertyName("s1unet_param_names")] IReadOnlyList<string>? S1UNetParamNames = null,
    [property: JsonPropertyName("s2unet_param_names")] IReadOnlyList<string>? S2UNetParamNames = null,
    IReadOnlyList<string>? KvParamNames = null,
    IReadOnlyList<string>? LoraParamNames = null);

/// <summary>One tensor of <c>expected.safetensors</c>.</summary>
/// <param name="Role"><c>input</c> or <c>expected</c>.</param>
/// <param name="F64MaxAbsDiff">Largest difference between the original's float32 and float64 results.</param>
/// <param name="Order">Which list of names the entries follow; that of all parameters when null.</param>
/// <param name="DoNotCompare">Parameters whose entries are rounding noise in the original itself.</param>
internal sealed record ReferenceTensor(
    string Role, double F64MaxAbsDiff = 0, string? Order = null, IReadOnlyList<string>? DoNotCompare = null);

/// <summary>Numbers of a recorded edit or generation that no tensor's shape tells.</summary>
/// <param name="S1Lr">Adam's rate in stage 1.</param>
/// <param name="GuidanceScale">g in u + g·(c − u).</param>
/// <param name="DdimSteps">Denoising steps.</param>
/// <param name="Steps">The same, in newer folders.</param>
/// <param name="DdpmSteps">The same, in folders of cascades.</param>
/// <param name="SrGuidanceScale">g of super-resolution.</param>
/// <param name="SrNoiseLevel">Level of the noise on the small picture in sampling.</param>
/// <param name="S2Lrs">Adam's rates in stage 2; newer folders name the run of each.</param>
/// <param name="LoraRank">Rank of the tuning <c>lora</c>.</param>
internal sealed record ReferenceHyperParameters(
    double S1Lr, double GuidanceScale, int? DdimSteps = null, int? Steps = null, int? DdpmSteps = null,
    double SrGuidanceScale = 1, int SrNoiseLevel = 0, JsonElement S2Lrs = default, int? LoraRank = null)
{
    /// <summary>Denoising steps of stage 3.</summary>
    [JsonIgnore]
    public int SamplingSteps => DdimSteps ?? Steps ?? DdpmSteps ?? throw new ModelPackageException(ReferenceFolder.ManifestFile, "hyper_parameters has no steps.");

    /// <summary>Adam's rate of a run of stage 2, which older folders tell by its name: <c>lr2e-6</c>.</summary>
    public double RateOf(string run) =>
        S2Lrs.ValueKind == JsonValueKind.Object && S2Lrs.TryGetProperty(run, out var rate) ? rate.GetDouble() : double.Parse(run["lr".Length..]);
}

/// <summary>
/// <c>check/expected.json</c> of a model that ships with the program: a smaller form, pictures generated from texts.
/// </summary>
/// <param name="Prompts">One text per picture.</param>
/// <param name="Steps">DDIM steps.</param>
/// <param name="Guidance">Guidance scale.</param>
/// <param name="Tensors">What each tensor is, in words.</param>
internal sealed record GenerationManifest(
    IReadOnlyList<string> Prompts, int Steps, double Guidance, IReadOnlyDictionary<string, string> Tensors)
{
    /// <summary>The same in the larger form; the starting noise is the only tensor that is given.</summary>
    public ReferenceManifest ToReference() => new(
        Prompts,
        Tensors.Keys.ToDictionary(name => name, name => new ReferenceTensor(RoleOf(name))),
        HyperParameters: new(S1Lr: 0, Guidance, Steps));

    private static string RoleOf(string name) =>
        name == GenerationParity.StartingNoise ? ReferenceFolder.InputRole : ReferenceFolder.ExpectedRole;
}
