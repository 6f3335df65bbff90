using Microsoft.AspNetCore.Http;

namespace Imagic.LocalHost.Http;

/// <summary>
/// Lets only this machine's own programs and pages in. Nobody signs in here, and a browser sends what any page asks it to
/// send: forms to any address, and everything to a host whose name has been pointed to this machine (DNS rebinding).
/// </summary>
internal static class LocalCallers
{
    private static readonly string[] Hosts = ["127.0.0.1", "localhost", "[::1]"];

    // Of the request's sender by its browser: this server's own page, or a person who typed the address.
    private static readonly string[] OwnSites = ["same-origin", "none"];

    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!Hosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            return FrontEndProblem.AnswerAsync(
                context, StatusCodes.Status421MisdirectedRequest, "foreign-host",
                $"This server answers only for {string.Join(", ", Hosts)}. Call it by one of these names.");
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && IsOfAnotherSite(request))
        {
            return FrontEndProblem.AnswerAsync(
                context, StatusCodes.Status403Forbidden, "cross-site",
                "A page of another site may change nothing here. Call the server from a program, or from a page of its own.");
        }

        return next(context);
    }

    private static bool IsOfAnotherSite(HttpRequest request)
    {
        var (origin, site) = (request.Headers.Origin, request.Headers["Sec-Fetch-Site"]);
        return (origin.Count > 0 && !origin.ToString().Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
            || (site.Count > 0 && !OwnSites.Contains(site.ToString()));
    }
}
