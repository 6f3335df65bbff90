using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Imagic.Worker.Models.Hub;

/// <summary>A file as the hub names it.</summary>
/// <param name="Path">Below the repository, with '/' between parts.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Of its content, where it is kept apart from git (LFS).</param>
/// <param name="GitBlob">Else git's name of it: SHA-1 of <c>blob LENGTH\0</c> and the content.</param>
public sealed record HubFile(string Path, long Length, string? Sha256, string? GitBlob)
{
    /// <summary>Of the package, where it goes: of a cascade each repository fills one.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Compares what came with what the hub names.</summary>
    /// <exception cref="HubException">It is another file.</exception>
    [SuppressMessage("Security", "CA5350", Justification = "SHA-1 is the name that git gives a file.")]
    internal async Task CheckAsync(Stream content, CancellationToken cancellationToken)
    {
        if (content.Length != Length) throw HubException.OtherBytes($"{Path} has {content.Length} bytes, the hub names {Length}.");
        if ((Sha256 ?? GitBlob) is not { } named) return;
        using var hash = IncrementalHash.CreateHash(Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (Sha256 is null) hash.AppendData(Encoding.ASCII.GetBytes($"blob {Length}\0"));
        var buffer = new byte[1 << 20];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count) hash.AppendData(buffer, 0, count);
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != named) throw HubException.OtherBytes($"{Path} has the {(Sha256 is null ? "git hash" : "SHA-256")} {found}, the hub names {named}.");
    }
}
