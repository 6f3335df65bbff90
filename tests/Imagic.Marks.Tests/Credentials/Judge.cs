using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Imagic.Imaging;
using Imagic.Tests;

namespace Imagic.Marks.Tests.Credentials;

/// <summary>What the reference implementation of C2PA says of a file.</summary>
/// <param name="State">Invalid, Valid or Trusted; null where it reads no manifest.</param>
/// <param name="Failures">Codes of what does not hold, in the order of the specification's names.</param>
/// <param name="Store">All that it says.</param>
internal sealed record Verdict(string? State, ImmutableArray<string> Failures, JsonElement Store)
{
    /// <summary>What it always says where the signer is on no list of trusted ones.</summary>
    public const string Untrusted = "signingCredential.untrusted";

    public JsonElement Active => Store.GetProperty("manifests").GetProperty(Store.GetProperty("active_manifest").GetString()!);
}

/// <summary>c2pa-rs as WebAssembly, in Node.</summary>
internal static class Judge
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "tests", "clients");

    private static readonly SemaphoreSlim Turn = new(1);

    // For all tests, since it compiles for seconds; it ends with the end of its input, which is that of the tests.
    private static readonly Lazy<Process> Node = new(Start);

    public static async Task<Verdict> AskAsync(ImageFormat format, byte[] file)
    {
        var token = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var name = Path.Combine(folder.Path, "picture");
        await File.WriteAllBytesAsync(name, file, token);
        await Turn.WaitAsync(token);
        try
        {
            await Node.Value.StandardInput.WriteLineAsync($"{format.MediaType} {name}");
            var answer = await Node.Value.StandardOutput.ReadLineAsync(token).AsTask().WaitAsync(TimeSpan.FromMinutes(2), token);
            return Read(answer ?? throw new InvalidOperationException("The judge has ended."));
        }
        finally
        {
            Turn.Release();
        }
    }

    private static Process Start()
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules", "@contentauth")), $"The judge is missing: npm ci --prefix {Folder}");
        var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Folder, "c2pa.js")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        node.StandardInput.AutoFlush = true;
        return node;
    }

    private static Verdict Read(string line)
    {
        var verdict = JsonDocument.Parse(line).RootElement;
        if (!verdict.TryGetProperty("manifest", out var store)) return new(null, [verdict.GetProperty("error").GetString()!], verdict);
        var results = store.GetProperty("validation_results");
        var failures = Codes(results.GetProperty("activeManifest"));
        if (results.TryGetProperty("ingredientDeltas", out var deltas))
            failures = failures.Concat(deltas.EnumerateArray().SelectMany(delta => Codes(delta.GetProperty("validationDeltas"))));
        return new(store.GetProperty("validation_state").GetString(), [.. failures.Order(StringComparer.Ordinal)], store);

        static IEnumerable<string> Codes(JsonElement results) =>
            results.TryGetProperty("failure", out var failures) ? failures.EnumerateArray().Select(failure => failure.GetProperty("code").GetString()!) : [];
    }
}
