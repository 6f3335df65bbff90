using Imagic.Runtime.Storage;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Edits;

/// <summary>Looking at an edit.</summary>
internal static class GetEdit
{
    /// <summary>How far it is; without a body when the caller knows that already.</summary>
    public static async Task<IResult> GetAsync(
        string editId, HttpRequest request, EditRecords records, CancellationToken cancellationToken)
    {
        var id = EditAnswers.ParseId(editId);
        var record = await records.ReadAsync(id, cancellationToken) ?? throw EditAnswers.NotFound(id);
        var response = request.HttpContext.Response;
        if (!IsKnown(request, record)) return EditAnswers.View(response, record, StatusCodes.Status200OK);
        EditAnswers.SetHeaders(response, record);
        return TypedResults.StatusCode(StatusCodes.Status304NotModified);
    }

    private static bool IsKnown(HttpRequest request, StoredRecord record)
    {
        var current = new EntityTagHeaderValue(record.ETag.ToString("H"));
        return request.GetTypedHeaders().IfNoneMatch.Any(
            known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(current, useStrongComparison: false));
    }
}
