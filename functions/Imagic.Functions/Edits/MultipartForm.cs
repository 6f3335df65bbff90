using System.Text;
using Imagic.Contracts;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Imaging;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Edits;

/// <summary>
/// Pictures and texts as <c>multipart/form-data</c>. The parts are read here and not by the framework, which takes texts
/// in any encoding and puts U+FFFD where it cannot.
/// </summary>
internal sealed class MultipartForm
{
    private readonly Dictionary<string, string> _texts = [];
    private readonly List<(string Part, FormImage Picture)> _pictures = [];

    private MultipartForm()
    {
    }

    /// <summary>The pictures in the order of the body, each with the name of its part.</summary>
    public IReadOnlyList<(string Part, FormImage Picture)> Pictures => _pictures;

    /// <summary>Reads the body.</summary>
    /// <param name="request">What has it.</param>
    /// <param name="pictures">Names of the parts that are pictures.</param>
    /// <param name="texts">Names of the other parts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestProblemException">A part is unknown, too large, or not what it should be, or a text is given twice.</exception>
    public static async Task<MultipartForm> ReadAsync(
        HttpRequest request, IReadOnlyList<string> pictures, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var form = new MultipartForm();
        try
        {
            var reader = new MultipartReader(BoundaryOf(request), request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
                await form.AddAsync(section, pictures, texts, request.HttpContext.Response, cancellationToken);
        }
        // The last: a file name in an encoding that nobody has.
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException or NotSupportedException)
        {
            throw Broken();
        }

        return form;
    }

    /// <summary>A text; null when it is not there, or empty.</summary>
    public string? Text(string name) => _texts.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    /// <summary>A text that is JSON; null when it is not there, or empty.</summary>
    public T? Json<T>(string name)
        where T : class => Text(name) is { } json ? RequestJson.Read<T>(Encoding.UTF8.GetBytes(json), name) : null;

    public static RequestProblemException Refusal(string code, string detail, string? part) =>
        new(code, StatusCodes.Status400BadRequest, detail, part);

    private async Task AddAsync(
        MultipartSection section, IReadOnlyList<string> pictures, IReadOnlyList<string> texts, HttpResponse response, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
            throw Broken();
        var name = $"{HeaderUtilities.RemoveQuotes(disposition.Name)}";
        if (pictures.Contains(name))
        {
            if (!disposition.IsFileDisposition()) throw Refusal("picture-missing", $"The part '{name}' has no file name. Send the picture's bytes in it, as a file.", name);
            _pictures.Add((name, await FormImage.ReadAsync(await KeepAsync(section, disposition, name, response, cancellationToken), cancellationToken)));
        }
        else if (!texts.Contains(name))
        {
            throw Refusal("unknown-part", $"There is no part '{name}'. There are: {string.Join(", ", pictures.Concat(texts))}.", name);
        }
        else
        {
            if (_texts.ContainsKey(name)) throw Refusal("repeated-part", $"The part '{name}' is given twice.", name);
            if (disposition.IsFileDisposition()) throw Refusal("invalid-part", $"The part '{name}' is a file. Send it as a text.", name);
            _texts.Add(name, await ReadTextAsync(section, name, cancellationToken));
        }
    }

    // A large one in a temporary file, until the answer.
    private static async Task<FormFile> KeepAsync(
        MultipartSection section, ContentDispositionHeaderValue disposition, string name, HttpResponse response, CancellationToken cancellationToken)
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
                $"The picture is larger than {most:N0} bytes. Send a smaller or more compressed one.", name);
        }

        // By the rule for names that are not ASCII the second one says it better. Of the first, the framework reads the bytes.
        var fileName = $"{(disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName))}";
        if (fileName.Contains('\uFFFD')) throw Refusal("invalid-text", $"The file name of the part '{name}' is no UTF-8. Send it as UTF-8.", name);
        return new(content, 0, content.Length, name, fileName) { Headers = new HeaderDictionary(section.Headers ?? []) };
    }

    private static async Task<string> ReadTextAsync(MultipartSection section, string name, CancellationToken cancellationToken)
    {
        RequestBody.CheckCharset(section.ContentType, name);
        var bytes = await RequestBody.ReadAsync(
            section.Body, RequestBody.MaxJsonBytes, "body-too-large", $"The part '{name}' has more than {RequestBody.MaxJsonBytes} bytes.", cancellationToken);
        return Utf8Text.TryDecode(bytes.Span, out var text) ? text : throw Refusal("invalid-text", $"The part '{name}' is no UTF-8. Send it as UTF-8.", name);
    }

    private static string BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 } boundary
            ? boundary.ToString() : throw Broken();

    private static RequestProblemException Broken() => Refusal(
        "invalid-form", "The body is no complete multipart/form-data: it breaks off, or a part or its boundary is malformed.", null);
}
