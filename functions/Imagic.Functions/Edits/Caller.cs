using System.Security.Cryptography;
using System.Text;

namespace Imagic.Functions.Edits;

/// <summary>Who asks for edits, by a name that gives no key away.</summary>
internal static class Caller
{
    /// <summary>Those who drop pictures.</summary>
    public const string Uploads = "uploads";

    /// <summary>Those who drop manifests.</summary>
    public const string Batches = "batches";

    private const string Anonymous = "anonymous";

    /// <summary>The client that the platform has signed in, else the key that the host has admitted.</summary>
    public static string Of(HttpRequest request, FunctionsOptions options)
    {
        // Without a platform that sets it, anybody could send this header.
        if (options.SignsIn && request.Headers["x-ms-client-principal-id"] is [{ Length: > 0 } client]) return Short(client);
        string? key = request.Headers["x-functions-key"];
        key ??= request.Query["code"];
        return string.IsNullOrEmpty(key) ? Anonymous : $"key-{Short(key)}";
    }

    private static string Short(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 6));
}
