using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Routing;

namespace Imagic.Functions.Studio;

/// <summary>The page, for anybody: it holds nothing but itself, and asks for a function key where the API wants one.</summary>
internal sealed class StudioFunctions(StudioFiles files, StudioHeaders headers)
{
    // An empty part: as "/" the route would be taken for "//" where it is put behind the prefix of host.json.
    [Function("Studio")]
    [ExcludeFromDescription]
    public IResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "{ignored:maxlength(0)?}")] HttpRequest request) =>
        files.Find(StudioFiles.Page) is { } page ? headers.Answer(request, page) : headers.AnswerNotBuilt(request);

    [Function("StudioFile")]
    [ExcludeFromDescription]
    public IResult GetFile([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "studio/{*file}")] HttpRequest request) =>
        files.Find((string?)request.RouteValues["file"] ?? "") is { } file
            ? headers.Answer(request, file)
            : throw new RequestProblemException(
                "file-not-found", StatusCodes.Status404NotFound, "The page has no file of this name; it may be one of an older version. Load the page again, from /.");
}
