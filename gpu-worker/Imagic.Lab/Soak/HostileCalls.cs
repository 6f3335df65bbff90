using System.Net.Http.Headers;
using System.Text;
using Imagic.TestKit;
using Imagic.TestKit.Fuzz;

namespace Imagic.Lab.Soak;

/// <summary>Requests as no honest client sends them: wrong in one place, or damaged by chance.</summary>
/// <param name="random">Decides.</param>
internal sealed class HostileCalls(Random random)
{
    private static readonly string[] Names =
        ["x", "%00", "..%2F..%2Fedit", "%ED%A0%80", "%C5%BB%C3%B3%C5%82w", "edit.json", "%0D%0AX:%20y", ".", "%2E%2E", "a%2Fb", "con.csv", "..csv", new('a', 400)];

    private static readonly string[] Paths =
    [
        "edits", "edits/{0}", "edits/{0}/cancel", "edits/{0}/results", "edits/{0}/results/{0}", "edits/{0}/previews/{0}", "uploads", "batches/{0}",
        "batches/{0}/contact-sheet", "health", "openapi.json", "{0}",
    ];

    private static readonly string[] Queries =
        ["", "", "?continuation=%00", "?continuation=x&limit=100", "?limit=-1", "?limit=99999999999", "?state=%F0%9F%90%88", "?%00=%00", "?state=running&state=failed"];

    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json; charset=utf-7", "application/json; charset=utf-16", "application/json; charset=\"", "APPLICATION/JSON;x=y", "text/plain",
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=b", "multipart/mixed; boundary=b", "application/x-www-form-urlencoded", "/", "image/png",
    ];

    private static readonly byte[][] Bodies =
    [
        "{}"u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(), "{\"targetText\":\"\\ud800\",\"source\":\"x.png\"}"u8.ToArray(), [.. "{\"targetText\":\""u8, 0xFF, 0xFE, .. "\"}"u8],
        Encoding.ASCII.GetBytes(new string('[', 20_000)), "{\"targetText\":1e999}"u8.ToArray(), "{\"targetText\":\"a\",\"targetText\":\"b\"}"u8.ToArray(),
        "{\"name\":\"..\\\\..\\u0000.png\"}"u8.ToArray(), "{\"settings\":{\"optimize\":{\"steps\":99999999999}},\"source\":\"x.png\",\"targetText\":\"a\"}"u8.ToArray(), new byte[3_000_000],
    ];

    private static readonly byte[][] Seeds =
    [
        "{\"targetText\":\"a photo of a bird\",\"model\":\"sd1-micro\",\"source\":\"missing.png\",\"settings\":{\"steps\":3,\"etas\":[0.8],\"seeds\":[5]},\"size\":{\"width\":32,\"height\":32}}"u8.ToArray(),
        [
            .. "--b\r\nContent-Disposition: form-data; name=\"targetText\"\r\n\r\na bird\r\n--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"p.png\"\r\n"u8,
            .. "Content-Type: image/png\r\n\r\n"u8, .. File.ReadAllBytes(Path.Combine(MicroEdit.ModelsFolder, MicroEdit.Model, "input.png")), .. "\r\n--b--\r\n"u8,
        ],
    ];

    private readonly Mutator _mutator = new(random, Seeds);

    /// <summary>A request that has not been sent before, and what to call it.</summary>
    public (HttpRequestMessage Request, string Name) Next(Uri api)
    {
        var method = Pick(["GET", "PUT", "POST", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"]);
        var address = string.Format(System.Globalization.CultureInfo.InvariantCulture, Pick(Paths), Pick(Names)) + Pick(Queries);
        var request = new HttpRequestMessage(new(method), new Uri(api, address));
        if (random.Next(3) == 0) request.Headers.TryAddWithoutValidation("Idempotency-Key", Pick(["", "x", "żółw", new('k', 5000)]));
        if (random.Next(4) == 0) request.Headers.TryAddWithoutValidation("If-None-Match", Pick(["*", "\"x\"", "W/\"", "x"]));
        if (method is "GET" or "HEAD" or "OPTIONS") return (request, $"{method} {address}");
        var type = Pick(ContentTypes);
        request.Content = new ByteArrayContent(random.Next(2) == 0 ? Pick(Bodies) : _mutator.Next());
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (random.Next(10) == 0) request.Content.Headers.ContentEncoding.Add("gzip");
        if (random.Next(10) == 0) request.Content.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment");
        return (request, $"{method} {address} as {type}");
    }

    private T Pick<T>(T[] choices) => choices[random.Next(choices.Length)];
}
