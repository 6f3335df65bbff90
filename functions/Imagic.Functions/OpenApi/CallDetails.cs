using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Imagic.Functions.OpenApi;

/// <summary>What of the calls cannot be seen from their routes: parts of the form, and headers.</summary>
internal sealed class CallDetails : IOpenApiOperationTransformer
{
    /// <inheritdoc/>
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.OperationId is "StartEdit" or "StartNewEdit" && operation.RequestBody?.Content is { } content)
        {
            content["multipart/form-data"].Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { EditForm.Picture, "targetText" },
                AdditionalPropertiesAllowed = false,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    [EditForm.Picture] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
                    ["targetText"] = Text(),
                    ["model"] = Text(),
                    ["settings"] = await context.GetOrCreateSchemaAsync(typeof(EditOverrides), cancellationToken: cancellationToken),
                    ["size"] = await context.GetOrCreateSchemaAsync(typeof(WorkingSize), cancellationToken: cancellationToken),
                },
            };
        }

        switch (operation.OperationId)
        {
            case "StartNewEdit":
                AddHeader(operation, "Idempotency-Key", "Names the call: sending it again with the same key gives the same edit.");
                break;
            case "GetEdit":
                AddHeader(operation, "If-None-Match", "The ETag of what is known already.");
                break;
        }
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static void AddHeader(OpenApiOperation operation, string name, string description) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = Text(),
        });
}
