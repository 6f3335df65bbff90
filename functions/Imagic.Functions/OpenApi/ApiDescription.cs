using Imagic.Contracts.Edits;
using Microsoft.OpenApi;

namespace Imagic.Functions.OpenApi;

/// <summary>The machine-readable description of the API.</summary>
internal static class ApiDescription
{
    /// <summary>Adds what makes it.</summary>
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "Imagic", Version = "1", Description = "Edits a photograph so that a sentence becomes true of it." };
            document.Servers = []; // wherever the document was read from
            return Task.CompletedTask;
        });
        options.AddOperationTransformer<CallDetails>();
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(EditId))
            {
                schema.Type = JsonSchemaType.String;
                schema.Pattern = "^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$";
                schema.Description = EditId.Rule;
            }

            return Task.CompletedTask;
        });
    });

    /// <summary>Maps it.</summary>
    public static void MapApiDescription(this IEndpointRouteBuilder api) =>
        api.MapOpenApi("/openapi.json").WithName("OpenApi");
}
