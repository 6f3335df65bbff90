using System.Text;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Invocations;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Imagic.LocalHost.Http;

/// <summary>The envelope of an HTTP request that is not proxied.</summary>
internal static class RequestEnvelope
{
    // What the real host says about a caller whom nobody has signed in.
    private const string Nobody =
        """
        {"AuthenticationType":null,"IsAuthenticated":false,"Actor":null,"BootstrapContext":null,"Claims":[],"Label":null,"Name":null,"NameClaimType":"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name","RoleClaimType":"http://schemas.microsoft.com/ws/2008/06/identity/claims/role"}
        """;

    /// <summary>Makes it; reads the body, but only if the request says how long it is.</summary>
    public static async Task<byte[]> CreateAsync(HttpFunction function, HttpContext context, DateTimeOffset now)
    {
        var request = context.Request;
        var query = Object(request.Query.Select(pair => (pair.Key, WireValue.Quote(pair.Value.ToString()))));
        var route = request.RouteValues.Select(pair => (pair.Key, Value: pair.Value?.ToString() ?? "")).ToList();
        var members = new List<(string, string)>
        {
            ("Url", WireValue.Quote($"{request.Scheme}://{request.Host}{request.Path}{request.QueryString}")),
            ("Method", WireValue.Quote(request.Method)),
            ("Query", query),
            ("Headers", Object(request.Headers.Select(
                header => (header.Key, $"[{string.Join(',', header.Value.Select(value => WireValue.Quote(value ?? "")))}]")))),
            ("Params", Object(route.Select(pair => (pair.Key, WireValue.Quote(pair.Value))))),
            ("Identities", $"[{Nobody}]"),
        };
        string? text = null;
        // A chunked body is lost here, as it is in the real host: proxy the request to get it.
        if (request.ContentLength > 0)
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, context.RequestAborted);
            text = IsBinary(request.ContentType) ? null : Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
            members.Add(("Body", WireValue.Quote(text ?? Convert.ToBase64String(body.GetBuffer().AsSpan(0, (int)body.Length)))));
        }

        var envelope = new InvocationEnvelope();
        envelope.AddData(function.Input, Object(members));
        envelope.SetMetadata("headers", Object(request.Headers.Select(header => (header.Key, WireValue.Quote(header.Value.ToString())))));
        envelope.SetMetadata("query", query);
        foreach (var (name, value) in route) envelope.SetMetadata(name, WireValue.Text(value));
        envelope.SetSystemMetadata(function.Name, now, Guid.NewGuid());
        if (text is not null) envelope.MergePayload(text);
        return envelope.ToUtf8();
    }

    private static bool IsBinary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase));

    private static string Object(IEnumerable<(string Name, string Json)> members) =>
        $"{{{string.Join(',', members.Select(member => $"{WireValue.Quote(member.Name)}:{member.Json}"))}}}";
}
