using System.Text.Json.Serialization;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Functions.OpenAi;
using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Imagic.Functions.OpenApi;

/// <summary>The machine-readable description of the API.</summary>
internal static class ApiDocument
{
    private const string FunctionKey = "functionKey";

    private static readonly Dictionary<string, string> Tags = new()
    {
        ["Edits"] = "Starting edits, following them, getting their pictures.",
        ["Models"] = "What edits may be made of.",
        ["Batches"] = "Many edits from one manifest.",
        ["Uploads"] = "Sending pictures straight to the storage account.",
        ["OpenAI"] = "Edits in the shape of OpenAI's API.",
        ["Service"] = "Whether the service works.",
    };

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services
        .AddSingleton<IApiDescriptionProvider, FunctionDescriptions>()
        .ConfigureHttpJsonOptions(json => // the schemas are of what is written
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, FunctionsJsonContext.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, OpenAiJsonContext.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ImageEditJsonContext.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        })
        .AddOpenApi(options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new()
                {
                    Title = "Imagic",
                    Version = "1",
                    Description = "Edits a photograph so that a sentence becomes true of it.",
                    License = new() { Name = "MIT", Identifier = "MIT" },
                };
                document.Servers = [new() { Url = "/", Description = "Where the document was read from." }];
                foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>()) tag.Description = Tags.GetValueOrDefault(tag.Name ?? "");
                document.AddComponent(FunctionKey, new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.ApiKey,
                    In = ParameterLocation.Header,
                    Name = "x-functions-key",
                    Description = "A key of the function app, or the master key. On one machine none is asked for.",
                });
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

                // The exporter leaves both out: an enumeration's type, and the items of a list that may be missing.
                if (schema.Enum is { Count: > 0 }) schema.Type ??= JsonSchemaType.String;
                if (context.JsonTypeInfo.ElementType == typeof(EditId)) schema.Items ??= new OpenApiSchema { Type = JsonSchemaType.String };
                return Task.CompletedTask;
            }));

    // The key, headers, the query, and the parts of a form.
    private static Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<HttpTriggerAttribute>().Single().AuthLevel == AuthorizationLevel.Anonymous)
        {
            operation.Security = [[]];
        }
        else
        {
            operation.Security = [new() { [new(FunctionKey, context.Document)] = [] }];
            // By the Functions host, before the function is asked.
            (operation.Responses ??= [])["401"] = new OpenApiResponse { Description = "The key is missing or wrong." };
        }

        foreach (var taken in metadata.OfType<TakesAttribute>())
            (operation.Parameters ??= []).Add(taken.Parameter);
        if (operation.RequestBody?.Content is not { } content || !content.TryGetValue("multipart/form-data", out var form)) return Task.CompletedTask;
        var isOpenAi = OpenAiError.IsSpokenAt("/" + context.Description.RelativePath);
        var parts = isOpenAi ? Form("image", "prompt", ImageEditRequest.TextParts) : Form(EditForm.Picture, "targetText", ["targetText", "model", "webhook"]);
        // Both are known from the JSON that starts an edit.
        parts.Properties!["settings"] = new OpenApiSchemaReference(nameof(EditOverrides), context.Document);
        if (!isOpenAi) parts.Properties["size"] = new OpenApiSchemaReference(nameof(WorkingSize), context.Document);
        form.Schema = parts;
        return Task.CompletedTask;
    }

    private static OpenApiSchema Form(string picture, string text, IEnumerable<string> texts) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { picture, text },
        AdditionalPropertiesAllowed = false,
        Properties = texts.ToDictionary(name => name, IOpenApiSchema (_) => new OpenApiSchema { Type = JsonSchemaType.String })
            .Append(new(picture, new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" })).ToDictionary(),
    };
}
