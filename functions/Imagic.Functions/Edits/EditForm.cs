using System.Text;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Imaging;
using Microsoft.AspNetCore.Http.Features;

namespace Imagic.Functions.Edits;

/// <summary>A start call that brings its picture along, as <c>multipart/form-data</c>.</summary>
internal static class EditForm
{
    /// <summary>Name of the part that holds the picture.</summary>
    public const string Picture = "picture";

    private static readonly string[] Texts = ["targetText", "model", "settings", "size"];

    // Of a form that is somewhat too large, the rest is read and dropped: a sender who is cut off never sees the answer.
    private static readonly long DroppedBytes = 2L * ImageLimits.Default.MaxBytes;

    private static readonly FormOptions Options = new()
    {
        MultipartBodyLengthLimit = ImageLimits.Default.MaxBytes,
        ValueLengthLimit = RequestBody.MaxJsonBytes,
        KeyLengthLimit = 64,
        ValueCountLimit = 16,
        // Beyond this, a part goes to a temporary file.
        MemoryBufferThreshold = IImageSource.StartBytes,
    };

    /// <summary>Reads it.</summary>
    /// <exception cref="RequestProblemException">A part is missing, unknown, given twice, too large, or not what it should be.</exception>
    public static async Task<(EditRequest Request, IImageSource Picture)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        RequestBody.Limit(request, DroppedBytes);
        var form = await ReadPartsAsync(request, cancellationToken);
        foreach (var name in form.Keys.Concat(form.Files.Select(file => file.Name)))
        {
            if (name != Picture && !Texts.Contains(name))
                throw Refusal("unknown-part", $"There is no part '{name}'. There are: {Picture}, {string.Join(", ", Texts)}.", name);
            if (form[name].Count + form.Files.GetFiles(name).Count > 1) throw Refusal("repeated-part", $"The part '{name}' is given twice.", name);
        }

        if (form.Files.FirstOrDefault(file => file.Name != Picture) is { } text)
            throw Refusal("invalid-part", $"The part '{text.Name}' is a file. Send it as a text.", text.Name);
        var file = form.Files.GetFile(Picture)
            ?? throw Refusal("picture-missing", $"The part '{Picture}' is missing or has no file name. Send the picture's bytes in it.", Picture);
        var edit = new EditRequest
        {
            TargetText = Text("targetText"),
            Model = Text("model"),
            Settings = Json<EditOverrides>("settings"),
            Size = Json<WorkingSize>("size"),
        };
        return (edit, await FormImage.ReadAsync(file, cancellationToken));

        string? Text(string name) => form.TryGetValue(name, out var value) && value is [{ Length: > 0 } only] ? only : null;

        T? Json<T>(string name)
            where T : class => Text(name) is { } json ? RequestJson.Read<T>(Encoding.UTF8.GetBytes(json), name) : null;
    }

    private static async Task<IFormCollection> ReadPartsAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.ReadFormAsync(Options, cancellationToken);
        }
        catch (Exception exception) when (IsTooLarge(exception))
        {
            throw new RequestProblemException(
                "picture-too-large", StatusCodes.Status413PayloadTooLarge,
                $"The request is larger than a picture may be: {ImageLimits.Default.MaxBytes:N0} bytes. Send a smaller or more compressed one.",
                Picture);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Refusal("invalid-form", "The body is no complete multipart/form-data: it breaks off, or a part or its boundary is malformed.", null);
        }
    }

    // The form reader has no type of its own for this, only its message.
    private static bool IsTooLarge(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode == StatusCodes.Status413PayloadTooLarge,
        InvalidDataException => exception.Message.Contains("body length limit", StringComparison.Ordinal),
        _ => false,
    };

    private static RequestProblemException Refusal(string code, string detail, string? part) =>
        new(code, StatusCodes.Status400BadRequest, detail, part);
}
