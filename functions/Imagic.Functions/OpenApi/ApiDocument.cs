using System.Text.Json.Serialization;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Imagic.Functions.OpenApi;

/// <summary>The machine-readable description of the API.</summary>
internal static class ApiDocument
{
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services
        .AddSingleton<IApiDescriptionProvider, FunctionDescriptions>()
        .ConfigureHttpJsonOptions(json => // the schemas are of what is written
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, FunctionsJsonContext.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        })
        .AddOpenApi(options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new() { Title = "Imagic", Version = "1", Description = "Edits a photograph so that a sentence becomes true of it." };
                document.Servers = []; // wherever the document was read from
                return Task.CompletedTask;
            })
            .AddOperationTransformer(CompleteAsync)
            .AddSchemaTransformer((schema, context, _) =>
            {
                if (context.JsonTypeInfo.Type == typeof(EditId))
                {
                    schema.Type = JsonSchemaType.String;
                    schema.Pattern = "^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$";
                    schema.Description = EditId.Rule;
                }

                return Task.CompletedTask;
            }));

    // Headers, the query, and the parts of a form.
    private static async Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var taken in context.Description.ActionDescriptor.EndpointMetadata.OfType<TakesAttribute>())
            (operation.Parameters ??= []).Add(taken.Parameter);
        if (operation.RequestBody?.Content is not { } content || !content.TryGetValue("multipart/form-data", out var form)) return;
        form.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { EditForm.Picture, "targetText" },
            AdditionalPropertiesAllowed = false,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                [EditForm.Picture] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
                ["targetText"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["model"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["settings"] = await context.GetOrCreateSchemaAsync(typeof(EditOverrides), cancellationToken: cancellationToken),
                ["size"] = await context.GetOrCreateSchemaAsync(typeof(WorkingSize), cancellationToken: cancellationToken),
            },
        };
    }
}
