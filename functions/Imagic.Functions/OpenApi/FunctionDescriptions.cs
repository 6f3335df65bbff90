using System.Reflection;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Imagic.Functions.OpenApi;

/// <summary>
/// Tells ASP.NET Core's description of an API what the attributes of the functions say. It looks for endpoints, and those
/// of the worker's package do not know which method they lead to.
/// </summary>
internal sealed class FunctionDescriptions(IModelMetadataProvider models) : IApiDescriptionProvider
{
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        foreach (var method in typeof(FunctionDescriptions).Assembly.GetTypes().SelectMany(type => type.GetMethods()))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is not { } function) continue;
            if (method.GetParameters()[0].GetCustomAttribute<HttpTriggerAttribute>() is not { Route: { } route, Methods: [var verb, ..] } trigger) continue;
            if (method.IsDefined(typeof(ExcludeFromDescriptionAttribute))) continue;
            context.Results.Add(Describe(method, function.Name, verb, trigger, RoutePatternFactory.Parse(route)));
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    private ApiDescription Describe(MethodInfo method, string name, string verb, HttpTriggerAttribute trigger, RoutePattern route)
    {
        var description = new ApiDescription
        {
            HttpMethod = verb.ToUpperInvariant(),
            RelativePath = string.Join('/', route.PathSegments.Select(segment => string.Concat(segment.Parts.Select(PathOf)))),
            ActionDescriptor = new()
            {
                EndpointMetadata = [.. method.DeclaringType!.GetCustomAttributes(), .. method.GetCustomAttributes(), trigger, new EndpointNameMetadata(name)],
            },
        };
        foreach (var parameter in route.Parameters)
            description.ParameterDescriptions.Add(Parameter(parameter.Name, BindingSource.Path, parameter.Name == "editId" ? typeof(EditId) : typeof(string)));
        if (method.GetCustomAttribute<ConsumesAttribute>() is { } body)
        {
            var type = ((IAcceptsMetadata)body).RequestType!;
            description.ParameterDescriptions.Add(Parameter("body", BindingSource.Body, type, !body.IsOptional));
            foreach (var mediaType in body.ContentTypes) description.SupportedRequestFormats.Add(new() { MediaType = mediaType });
        }

        foreach (var answer in method.GetCustomAttributes<ProducesResponseTypeAttribute>())
        {
            var mediaTypes = new MediaTypeCollection();
            ((IApiResponseMetadataProvider)answer).SetContentTypes(mediaTypes);
            description.SupportedResponseTypes.Add(Response(answer.StatusCode, answer.Type, mediaTypes.FirstOrDefault("application/json"), answer.Description));
        }

        foreach (var status in method.GetCustomAttribute<ProducesProblemsAttribute>()?.Statuses ?? [])
        {
            description.SupportedResponseTypes.Add(OpenAiError.IsSpokenAt("/" + description.RelativePath)
                ? Response(status, typeof(OpenAiError), "application/json") : Response(status, typeof(Problem), Problem.MediaType));
        }

        return description;
    }

    private static string PathOf(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        _ => throw new NotSupportedException($"A route has a part of the kind {part.PartKind}."),
    };

    private ApiParameterDescription Parameter(string name, BindingSource source, Type type, bool isRequired = true) =>
        new() { Name = name, Source = source, Type = type, ModelMetadata = models.GetMetadataForType(type), IsRequired = isRequired };

    private static ApiResponseType Response(int status, Type type, string mediaType, string? text = null) => new()
    {
        StatusCode = status,
        Description = text,
        Type = type,
        ApiResponseFormats = type == typeof(void) ? [] : [new() { MediaType = mediaType }],
    };
}
