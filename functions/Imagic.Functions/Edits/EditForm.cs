using System.Text;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Imaging;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Edits;

/// <summary>
/// A start call that brings its picture along, as <c>multipart/form-data</c>. The parts are read here and not by the
/// framework, which takes texts in any encoding and puts U+FFFD where it cannot.
/// </summary>
internal sealed class EditForm
{
    /// <summary>Name of the part that holds the picture.</summary>
    public const string Picture = "picture";

    private static readonly string[] Texts = ["targetText", "model", "settings", "size"];

    private readonly Dictionary<string, string> _texts = [];
    private FormFile? _picture;

    private EditForm()
    {
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="RequestProblemException">A part is missing, unknown, given twice, too large, or not what it should be.</exception>
    public static async Task<(EditRequest Request, IImageSource Picture)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var form = new EditForm();
        try
        {
            var reader = new MultipartReader(BoundaryOf(request), request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section) await form.AddAsync(section, request.HttpContext.Response, cancellationToken);
        }
        // The last: a file name in an encoding that nobody has.
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException or NotSupportedException)
        {
            throw Broken();
        }

        if (form._picture is not { } file) throw Refusal("picture-missing", $"The part '{Picture}' is missing. Send the picture's bytes in it.", Picture);
        var edit = new EditRequest
        {
            TargetText = form.Text("targetText"),
            Model = form.Text("model"),
            Settings = form.Json<EditOverrides>("settings"),
            Size = form.Json<WorkingSize>("size"),
        };
        return (edit, await FormImage.ReadAsync(file, cancellationToken));
    }

    private async Task AddAsync(MultipartSection section, HttpResponse response, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
            throw Broken();
        var name = $"{HeaderUtilities.RemoveQuotes(disposition.Name)}";
        if (name != Picture && !Texts.Contains(name)) throw Refusal("unknown-part", $"There is no part '{name}'. There are: {Picture}, {string.Join(", ", Texts)}.", name);
        if (_texts.ContainsKey(name) || (name == Picture && _picture is not null)) throw Refusal("repeated-part", $"The part '{name}' is given twice.", name);
        if (name == Picture)
        {
            if (!disposition.IsFileDisposition()) throw Refusal("picture-missing", $"The part '{Picture}' has no file name. Send the picture's bytes in it, as a file.", Picture);
            _picture = await KeepAsync(section, disposition, response, cancellationToken);
        }
        else
        {
            if (disposition.IsFileDisposition()) throw Refusal("invalid-part", $"The part '{name}' is a file. Send it as a text.", name);
            _texts.Add(name, await ReadTextAsync(section, name, cancellationToken));
        }
    }

    // A large one in a temporary file, until the answer.
    private static async Task<FormFile> KeepAsync(
        MultipartSection section, ContentDispositionHeaderValue disposition, HttpResponse response, CancellationToken cancellationToken)
    {
        var most = ImageLimits.Default.MaxBytes;
        var content = new FileBufferingReadStream(section.Body, memoryThreshold: IImageSource.StartBytes);
        response.RegisterForDisposeAsync(content);
        var buffer = new byte[IImageSource.StartBytes];
        while (await content.ReadAsync(buffer, cancellationToken) > 0)
        {
            if (content.Length <= most) continue;
            throw new RequestProblemException(
                "picture-too-large", StatusCodes.Status413PayloadTooLarge,
                $"The picture is larger than {most:N0} bytes. Send a smaller or more compressed one.", Picture);
        }

        // By the rule for names that are not ASCII the second one says it better. Of the first, the framework reads the bytes.
        var fileName = $"{(disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName))}";
        if (fileName.Contains('\uFFFD')) throw Refusal("invalid-text", $"The file name of the part '{Picture}' is no UTF-8. Send it as UTF-8.", Picture);
        return new(content, 0, content.Length, Picture, fileName) { Headers = new HeaderDictionary(section.Headers ?? []) };
    }

    private static async Task<string> ReadTextAsync(MultipartSection section, string name, CancellationToken cancellationToken)
    {
        RequestBody.CheckCharset(section.ContentType, name);
        var bytes = await RequestBody.ReadAsync(
            section.Body, RequestBody.MaxJsonBytes, "body-too-large", $"The part '{name}' has more than {RequestBody.MaxJsonBytes} bytes.", cancellationToken);
        return Utf8Text.TryDecode(bytes.Span, out var text) ? text : throw Refusal("invalid-text", $"The part '{name}' is no UTF-8. Send it as UTF-8.", name);
    }

    private string? Text(string name) => _texts.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    private T? Json<T>(string name)
        where T : class => Text(name) is { } json ? RequestJson.Read<T>(Encoding.UTF8.GetBytes(json), name) : null;

    private static string BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 } boundary
            ? boundary.ToString() : throw Broken();

    private static RequestProblemException Broken() => Refusal(
        "invalid-form", "The body is no complete multipart/form-data: it breaks off, or a part or its boundary is malformed.", null);

    private static RequestProblemException Refusal(string code, string detail, string? part) =>
        new(code, StatusCodes.Status400BadRequest, detail, part);
}
