using Microsoft.OpenApi;

namespace Imagic.Functions;

/// <summary>The statuses that a function refuses with; each is told as a <see cref="Problems.Problem"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProducesProblemsAttribute(params int[] statuses) : Attribute
{
    public IReadOnlyList<int> Statuses { get; } = statuses;
}

/// <summary>A header or a part of the query that a function reads from its request. What its route holds is known from there.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class TakesAttribute(ParameterLocation location, string name, string description) : Attribute
{
    public OpenApiParameter Parameter => new()
    {
        Name = name,
        In = location,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
