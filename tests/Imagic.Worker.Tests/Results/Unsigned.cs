using System.Buffers.Binary;
using Imagic.Marks;
using Imagic.Marks.Credentials;

namespace Imagic.Worker.Tests.Results;

/// <summary>Of a result's PNG all but its signed manifest, which tells the time and is never twice the same.</summary>
internal static class Unsigned
{
    /// <summary>A signer as a worker without settings has it.</summary>
    public static PictureMarks Marks { get; } = new(SelfMadeSigner.Create(TimeProvider.System), TimeProvider.System);

    /// <summary>Its manifest with the box around it, as a store holds it.</summary>
    public static ReadOnlySpan<byte> ManifestOf(byte[] png)
    {
        // The store: its length and type, its description with its own length, then the manifest.
        var store = png.AsSpan(png.AsSpan().IndexOf("caBX"u8) + 4);
        var manifest = store[(8 + BinaryPrimitives.ReadInt32BigEndian(store[8..]))..];
        return manifest[..BinaryPrimitives.ReadInt32BigEndian(manifest)];
    }

    public static byte[] Of(byte[] png)
    {
        var kept = new List<byte>(png[..8]);
        var manifests = 0;
        for (var at = 8; at < png.Length;)
        {
            var chunk = png.AsSpan(at, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at)) + 12);
            if (chunk[4..8].SequenceEqual("caBX"u8)) manifests++;
            else kept.AddRange(chunk);
            at += chunk.Length;
        }

        Assert.Equal(1, manifests);
        return [.. kept];
    }
}
