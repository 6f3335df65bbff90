using System.Collections.Concurrent;
using System.Text;
using Imagic.LocalHost.Azurite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Tests.Up;

/// <summary>Takes traces as an OTLP collector does, over HTTP with protobuf bodies.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private static readonly byte[] TraceIdField = [0x0a, 0x10]; // field 1, 16 bytes: the first of a span

    private readonly WebApplication _app;
    private readonly ConcurrentBag<byte[]> _exports = [];

    private OtlpCollector(WebApplication app, string address) => (_app, Address) = (app, address);

    public string Address { get; }

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var collector = new OtlpCollector(app, $"http://127.0.0.1:{AzuriteProcess.FreePort()}");
        app.Urls.Add(collector.Address);
        app.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            if (signal == "traces") collector._exports.Add(body.ToArray());
            return Results.Bytes(Array.Empty<byte>(), "application/x-protobuf");
        });
        await app.StartAsync();
        return collector;
    }

    /// <summary>Ids of all traces in which a service has a span of some name.</summary>
    public HashSet<string> Traces(string service, string span) =>
    [
        .. from export in _exports
           where Contains(export, service)
           from at in Places(export, TraceIdField)
           where at + 18 <= export.Length && Contains(export.AsSpan(at, Math.Min(400, export.Length - at)), span)
           select Convert.ToHexStringLower(export.AsSpan(at + 2, 16)),
    ];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static bool Contains(ReadOnlySpan<byte> bytes, string text) => bytes.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private static List<int> Places(byte[] bytes, byte[] what)
    {
        var places = new List<int>();
        for (var at = bytes.AsSpan().IndexOf(what); at >= 0;)
        {
            places.Add(at);
            var next = bytes.AsSpan(at + 1).IndexOf(what);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return places;
    }
}
