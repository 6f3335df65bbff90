using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.T5;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;

namespace Imagic.Diffusion;

/// <summary>The small files of model packages, spelled as diffusers and transformers spell them.</summary>
[JsonSerializable(typeof(AutoencoderKLConfig))]
[JsonSerializable(typeof(ClipTextConfig))]
[JsonSerializable(typeof(ClipVisionConfig))]
[JsonSerializable(typeof(T5Config))]
[JsonSerializable(typeof(UNet2DConditionConfig))]
[JsonSerializable(typeof(SchedulerConfig))]
[JsonSerializable(typeof(ShardIndex))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class DiffusionJson : JsonSerializerContext;
