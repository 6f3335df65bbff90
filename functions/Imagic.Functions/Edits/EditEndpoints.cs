using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Edits;

/// <summary>Where edits are over HTTP.</summary>
internal static class EditEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapEdits(this IEndpointRouteBuilder api)
    {
        var edits = api.MapGroup("/edits").WithTags("Edits").ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status503ServiceUnavailable);

        edits.MapPut("/{editId}", StartEdit.PutAsync).WithName("StartEdit")
            .WithSummary("Start an edit under an id of your choice; repeating the call is safe.")
            .AcceptsEdit().Produces<EditView>(StatusCodes.Status202Accepted).ProducesStartProblems();
        edits.MapPost("/", StartEdit.PostAsync).WithName("StartNewEdit")
            .WithSummary("Start an edit under a new id; with an Idempotency-Key, repeating the call is safe.")
            .AcceptsEdit().Produces<EditView>(StatusCodes.Status202Accepted).ProducesStartProblems();
        edits.MapGet("/{editId}", GetEdit.GetAsync).WithName("GetEdit")
            .WithSummary("How far an edit is. Send the ETag as If-None-Match to hear of changes only.")
            .Produces<EditView>().Produces(StatusCodes.Status304NotModified).ProducesProblems(StatusCodes.Status404NotFound);
        edits.MapGet("/", ListEdits.GetAsync).WithName("ListEdits")
            .WithSummary("Edits in the order of their ids. A page may be short, or empty, and still have a continuation.")
            .Produces<EditList>();
        edits.MapPost("/{editId}/cancel", CancelEdit.PostAsync).WithName("CancelEdit")
            .WithSummary("Give up an edit: at once while it waits, at its next step while it runs (202).")
            .Produces<EditView>().Produces<EditView>(StatusCodes.Status202Accepted).ProducesProblems(StatusCodes.Status404NotFound);
        edits.MapGet("/{editId}/results", GetResult.ListAsync).WithName("GetResults")
            .WithSummary("The files of an edit that has succeeded.")
            .Produces<ResultManifest>().ProducesProblems(StatusCodes.Status404NotFound);
        edits.MapGet("/{editId}/results/{**name}", GetResult.GetAsync).WithName("GetResult")
            .WithSummary("Redirects to a file of the results, or to a preview, under an address that is good for 10 minutes.")
            .Produces(StatusCodes.Status302Found).ProducesProblems(StatusCodes.Status404NotFound);
    }

    private static RouteHandlerBuilder AcceptsEdit(this RouteHandlerBuilder route) =>
        route.Accepts<EditRequest>("application/json", "multipart/form-data");

    private static RouteHandlerBuilder ProducesStartProblems(this RouteHandlerBuilder route) => route.ProducesProblems(
        StatusCodes.Status408RequestTimeout, StatusCodes.Status409Conflict, StatusCodes.Status413PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType);
}
