using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Contracts.Settings;
using Imagic.Imaging;
using Microsoft.AspNetCore.Mvc;

namespace Imagic.Functions.Models;

/// <summary>What edits may be made of.</summary>
[Tags("Models")]
internal sealed class ModelsFunctions(PushedModels models, FunctionsOptions options)
{
    [Function("GetModels")]
    [EndpointSummary("The models that edits may name, the one that is taken by default first; the profiles that they start from; the limits of one edit.")]
    [ProducesResponseType<ModelList>(StatusCodes.Status200OK)]
    [ProducesProblems(503)]
    public async Task<IResult> GetAsync([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/models")] HttpRequest request)
    {
        var there = await models.ListAsync(request.HttpContext.RequestAborted);
        var list = new ModelList(
            [.. there.Select((model, i) => new ModelView(
                model.Name, i == 0, EditProfile.NameFor(model.Name, model.Traits.IsCascade), model.Traits.Side, model.Traits.Examples, model.Traits.About))],
            [.. EditProfile.All.Values.OrderBy(profile => profile.Name, StringComparer.Ordinal).Select(profile => new ProfileView(
                profile.Name, profile.Source, profile.Side, profile.For("")))],
            new(
                EditSettings.MaxPictures, EditSettings.MaxTextLength, ImageLimits.Default.MaxBytes,
                options.Budget > 0 ? options.Budget : null));
        return TypedResults.Json(list, ContractsJsonContext.Default.ModelList);
    }
}
