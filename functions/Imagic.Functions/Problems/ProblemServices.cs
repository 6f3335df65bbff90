namespace Imagic.Functions.Problems;

/// <summary>Puts problems into the pipeline and into the description of the API.</summary>
internal static class ProblemServices
{
    /// <summary>First of all, so that nothing fails outside of it.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.UseMiddleware<ProblemMiddleware>();

    /// <summary>Says which statuses a route may refuse with.</summary>
    public static TBuilder ProducesProblems<TBuilder>(this TBuilder route, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
            route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [Problem.MediaType]));
        return route;
    }
}
