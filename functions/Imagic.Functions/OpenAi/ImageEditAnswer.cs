using System.Text.Json.Serialization;

namespace Imagic.Functions.OpenAi;

// Names that the naming policy below would give, too: the API's document has another.
/// <summary>The pictures of an edit, as OpenAI's API answers them.</summary>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="OutputFormat">png, jpeg or webp.</param>
internal sealed record ImageEditAnswer(
    long Created, [property: JsonPropertyName("output_format")] string OutputFormat, IReadOnlyList<ImageEditPicture> Data);

/// <param name="B64Json">The file.</param>
/// <param name="Url">Where it is; the key of the service is needed there, too.</param>
internal sealed record ImageEditPicture([property: JsonPropertyName("b64_json")] string? B64Json = null, string? Url = null);

/// <summary>A picture along a stream.</summary>
/// <param name="Type">Also the name of the event.</param>
/// <param name="CreatedAt">Seconds since 1970.</param>
/// <param name="PartialImageIndex">Of a preview: 0 for the first.</param>
internal sealed record ImageEditEvent(
    string Type, string B64Json, long CreatedAt, string OutputFormat, string Size, string Background, string Quality, int? PartialImageIndex = null)
{
    public const string Partial = "image_edit.partial_image";
    public const string Completed = "image_edit.completed";
}

/// <summary>JSON as OpenAI's API spells it.</summary>
[JsonSerializable(typeof(ImageEditAnswer))]
[JsonSerializable(typeof(ImageEditEvent))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ImageEditJsonContext : JsonSerializerContext;
