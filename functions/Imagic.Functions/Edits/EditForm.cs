using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;

namespace Imagic.Functions.Edits;

/// <summary>A start call that brings its picture along, as <c>multipart/form-data</c>.</summary>
internal static class EditForm
{
    /// <summary>Name of the part that holds the picture.</summary>
    public const string Picture = "picture";

    private static readonly string[] Texts = ["targetText", "model", "settings", "size", "webhook"];

    /// <summary>Reads it.</summary>
    /// <exception cref="RequestProblemException">A part is missing, unknown, given twice, too large, or not what it should be.</exception>
    public static async Task<(EditRequest Request, IImageSource Picture)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var form = await MultipartForm.ReadAsync(request, [Picture], Texts, cancellationToken);
        if (form.Pictures is not [var (_, picture), ..])
            throw MultipartForm.Refusal("picture-missing", $"The part '{Picture}' is missing. Send the picture's bytes in it.", Picture);
        if (form.Pictures.Count > 1) throw MultipartForm.Refusal("repeated-part", $"The part '{Picture}' is given twice.", Picture);
        var edit = new EditRequest
        {
            TargetText = form.Text("targetText"),
            Model = form.Text("model"),
            Settings = form.Json<EditOverrides>("settings"),
            Size = form.Json<WorkingSize>("size"),
            Webhook = form.Text("webhook"),
        };
        return (edit, picture);
    }
}
