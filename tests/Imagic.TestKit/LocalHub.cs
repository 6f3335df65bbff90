using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Imagic.TestKit;

/// <summary>A request that a <see cref="LocalHub"/> has had.</summary>
/// <param name="OfCdn">Not of the hub, but of where it keeps large files.</param>
/// <param name="Path">With its query.</param>
/// <param name="Authorization">What it was sent with.</param>
public sealed record HubRequest(bool OfCdn, string Path, string? Range, string? Authorization);

/// <summary>A model hub on this machine with Hugging Face's HTTP interface: the hub itself and, on another port, its CDN for LFS files.</summary>
public sealed class LocalHub : IAsyncDisposable
{
    // Small files lie in a cache of the hub's own.
    private const string Cache = "api/resolve-cache/models/";

    private readonly ConcurrentDictionary<string, string> _commits = [];
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, HubContent>> _trees = [];
    private readonly WebApplication _hub;
    private readonly WebApplication _cdn;
    private long _served;

    private LocalHub()
    {
        (_hub, _cdn) = (Create(), Create());
        _hub.Run(context => AnswerAsync(context, ofCdn: false));
        _cdn.Run(context => AnswerAsync(context, ofCdn: true));
    }

    /// <summary>Where it is.</summary>
    public Uri Address => new(_hub.Urls.First());

    /// <summary>Where its large files are.</summary>
    public Uri CdnAddress => new(_cdn.Urls.First());

    /// <summary>All requests so far.</summary>
    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    /// <summary>Bytes of files that were sent so far.</summary>
    public long Served => Volatile.Read(ref _served);

    /// <summary>What the answer about a model says beside its files, as JSON members.</summary>
    public string About { get; set; } = """ "gated": false, "cardData": { "license": "openrail" } """;

    /// <summary>Sees each request first; answers it when it gives true.</summary>
    public Func<HttpContext, bool, Task<bool>>? Before { get; set; }

    /// <summary>Is called before each piece of a file with the bytes that this answer has sent; gives false to break the connection.</summary>
    public Func<HttpContext, long, Task<bool>>? Sending { get; set; }

    /// <summary>Starts one.</summary>
    public static async Task<LocalHub> StartAsync()
    {
        var hub = new LocalHub();
        await hub._hub.StartAsync();
        await hub._cdn.StartAsync();
        return hub;
    }

    /// <summary>Publishes a folder as what a branch of a model has from now on.</summary>
    /// <param name="more">Further files, or others in place of the folder's; null takes one away.</param>
    /// <returns>The commit.</returns>
    public string Publish(string model, string folder, IReadOnlyDictionary<string, byte[]?>? more = null, string branch = "main")
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file).Replace('\\', '/'), HubContent.OfFile);
        foreach (var (path, bytes) in more ?? new Dictionary<string, byte[]?>())
        {
            if (bytes is null) files.Remove(path);
            else files[path] = HubContent.OfBytes(bytes);
        }

        var commit = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.OrderBy(file => file.Key).Select(file => $"{file.Key} {file.Value.Sha256}")))))[..40];
        _trees[commit] = files;
        _commits[$"{model}@{branch}"] = commit;
        _commits[$"{model}@{commit}"] = commit;
        return commit;
    }

    /// <summary>Another hub with the same models: what it sends was asked for since, and by nobody who went away before.</summary>
    public async Task<LocalHub> AgainAsync()
    {
        var again = await StartAsync();
        foreach (var (commit, tree) in _trees) again._trees[commit] = tree;
        foreach (var (name, commit) in _commits) again._commits[name] = commit;
        return again;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in new[] { _hub, _cdn })
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    private static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.Limits.MinResponseDataRate = null);
        return builder.Build();
    }

    private async Task AnswerAsync(HttpContext context, bool ofCdn)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue(new(ofCdn, path + context.Request.QueryString, context.Request.Headers.Range, context.Request.Headers.Authorization));
        try
        {
            if (Before is { } before && await before(context, ofCdn)) return;
            if (ofCdn) await SendAsync(context, _trees.Values.SelectMany(tree => tree.Values).First(file => file.Sha256 == path[1..]));
            else if (path.StartsWith("/api/models/", StringComparison.Ordinal)) await DescribeAsync(context, path["/api/models/".Length..]);
            else await ResolveAsync(context, path[1..]);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone away.
        }
    }

    private Task DescribeAsync(HttpContext context, string rest)
    {
        if (rest.Split("/revision/") is not [var model, var revision]) return FailAsync(context, 404, "RepoNotFound");
        if (!_commits.TryGetValue($"{model}@{Uri.UnescapeDataString(revision)}", out var commit))
            return FailAsync(context, _commits.Keys.Any(key => key.StartsWith(model + "@", StringComparison.Ordinal)) ? 404 : 401, _commits.Keys.Any(key => key.StartsWith(model + "@", StringComparison.Ordinal)) ? "RevisionNotFound" : "RepoNotFound");
        context.Response.ContentType = "application/json; charset=utf-8";
        var siblings = _trees[commit].Select(file => file.Value.IsLarge
            ? $$"""{ "rfilename": {{JsonSerializer.Serialize(file.Key)}}, "size": {{file.Value.Length}}, "blobId": "{{file.Value.GitBlob}}", "lfs": { "sha256": "{{file.Value.Sha256}}", "size": {{file.Value.Length}}, "pointerSize": 135 } }"""
            : $$"""{ "rfilename": {{JsonSerializer.Serialize(file.Key)}}, "size": {{file.Value.Length}}, "blobId": "{{file.Value.GitBlob}}" }""");
        return context.Response.WriteAsync($$"""{ "id": "{{model}}", "sha": "{{commit}}", {{About}}, "siblings": [ {{string.Join(", ", siblings)}} ] }""");
    }

    private Task ResolveAsync(HttpContext context, string rest)
    {
        var isCached = rest.StartsWith(Cache, StringComparison.Ordinal);
        if ((isCached ? rest[Cache.Length..].Split("/", 3) is [var owner, var repository, var tail] ? [$"{owner}/{repository}", tail] : [] : rest.Split("/resolve/")) is not [var model, var file] || file.Split('/', 2) is not [var revision, var path]) return FailAsync(context, 404, "RepoNotFound");
        if (!_commits.TryGetValue($"{model}@{revision}", out var commit)) return FailAsync(context, 404, "RevisionNotFound");
        if (!_trees[commit].TryGetValue(Uri.UnescapeDataString(path), out var content)) return FailAsync(context, 404, "EntryNotFound");
        context.Response.Headers["X-Repo-Commit"] = commit;
        if (isCached) return SendAsync(context, content);
        context.Response.Headers["X-Linked-Size"] = $"{content.Length}";
        context.Response.Headers["X-Linked-Etag"] = $"\"{(content.IsLarge ? content.Sha256 : content.GitBlob)}\"";
        context.Response.StatusCode = content.IsLarge ? 302 : 307;
        context.Response.Headers.Location = content.IsLarge ? new Uri(CdnAddress, $"{content.Sha256}?signature=1").AbsoluteUri : $"/{Cache}{model}/{commit}/{path}?etag=1";
        return Task.CompletedTask;
    }

    /// <summary>Refuses as the hub does.</summary>
    public static Task FailAsync(HttpContext context, int status, string code, string? message = null)
    {
        context.Response.StatusCode = status;
        context.Response.Headers["X-Error-Code"] = code;
        if (message is not null) context.Response.Headers["X-Error-Message"] = message;
        return Task.CompletedTask;
    }

    private async Task SendAsync(HttpContext context, HubContent content)
    {
        var (from, to) = (0L, content.Length);
        if (RangeHeaderValue.TryParse(context.Request.Headers.Range, out var ranges) && ranges.Ranges.Single() is { From: { } first } range)
        {
            if (first >= content.Length)
            {
                context.Response.StatusCode = 416;
                context.Response.Headers.ContentRange = $"bytes */{content.Length}";
                return;
            }

            (from, to) = (first, Math.Min(content.Length, (range.To ?? long.MaxValue - 1) + 1));
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{to - 1}/{content.Length}";
        }

        context.Response.ContentLength = to - from;
        context.Response.ContentType = "application/octet-stream";
        var buffer = new byte[Math.Min(256 << 10, Math.Max(1, to - from))];
        using var stream = content.Open();
        stream.Position = from;
        for (var at = from; at < to;)
        {
            if (Sending is { } sending && !await sending(context, at - from))
            {
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            var count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, to - at)), context.RequestAborted);
            // A stream would swallow what is written after the client has gone.
            if ((await context.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted)).IsCompleted) return;
            Interlocked.Add(ref _served, count);
            at += count;
        }
    }

    private sealed record HubContent(long Length, string Sha256, string GitBlob, Func<Stream> Open)
    {
        public required bool IsLarge { get; init; }

        public static HubContent OfBytes(byte[] bytes) => Of(() => new MemoryStream(bytes, writable: false), bytes.Length > 10_000);

        public static HubContent OfFile(string file) => Of(() => File.OpenRead(file), file.EndsWith(".safetensors", StringComparison.Ordinal));

        [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "It is the name that git gives a file.")]
        private static HubContent Of(Func<Stream> open, bool isLarge)
        {
            using var stream = open();
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
            stream.Position = 0;
            using var git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            git.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
            var buffer = new byte[1 << 20];
            while (stream.Read(buffer) is > 0 and var count) git.AppendData(buffer, 0, count);
            return new(stream.Length, sha256, Convert.ToHexStringLower(git.GetHashAndReset()), open) { IsLarge = isLarge };
        }
    }
}
