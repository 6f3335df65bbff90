using System.Security.Cryptography;
using Imagic.Marks.Containers;

namespace Imagic.Marks.Credentials;

/// <summary>The binding of a manifest to the bytes of its file: <c>c2pa.hash.data</c>.</summary>
internal static class DataHash
{
    /// <summary>What does not hold; null where all does.</summary>
    /// <exception cref="FormatException">The assertion cannot be read.</exception>
    public static string? Problem(Manifest manifest, string? algorithm, PictureFile file)
    {
        var assertions = manifest.AssertionsOf("c2pa.hash.data").ToList();
        if (assertions.Count != 1)
            return assertions.Count > 1 ? "The manifest is bound to the picture twice." : "The manifest is bound to the picture in a way that is not checked here.";
        var binding = CborMap.Read(assertions[0].Content);
        if (Hashes.NameOf(binding.Text("alg") ?? algorithm) is not { } name || binding.Bytes("hash") is not { } expected)
            return "The manifest is bound to the picture in a way that is not checked here.";
        if (file.ManifestRange is not { } store) return "The manifest store lies in pieces.";

        using var hash = IncrementalHash.CreateHash(name);
        var bytes = file.Bytes.Span;
        long at = 0;
        foreach (var left in binding.Maps("exclusions"))
        {
            if (left.Number("start") is not { } start || left.Number("length") is not { } length || start < at || length < 0 || length > bytes.Length - start)
                return "The manifest leaves out bytes that are not there.";
            if (start < store.Start || start + length > store.Start + store.Length)
                return "The manifest leaves more of the file unsigned than itself, so what else has been changed cannot be told.";
            hash.AppendData(bytes[(int)at..(int)start]);
            at = start + length;
        }

        hash.AppendData(bytes[(int)at..]);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(expected.Span) ? null : "The picture has been changed since it was signed.";
    }
}
