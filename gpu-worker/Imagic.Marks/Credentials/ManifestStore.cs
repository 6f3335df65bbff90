using System.Security.Cryptography;
using System.Text;

namespace Imagic.Marks.Credentials;

/// <summary>A manifest store, taken apart.</summary>
internal sealed class ManifestStore
{
    private ManifestStore(IReadOnlyList<Manifest> manifests) => Manifests = manifests;

    /// <summary>In the order of the file; the last is the active one.</summary>
    public IReadOnlyList<Manifest> Manifests { get; }

    public Manifest Active => Manifests[^1];

    /// <summary>Reads a store, any bytes.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ManifestStore Read(ReadOnlyMemory<byte> bytes)
    {
        var store = Jumbf.Read(bytes);
        if (store.Type != Jumbf.Store) throw new FormatException("The manifest store is of a kind that is not known.");
        return store.Boxes.Count > 0 ? new([.. store.Boxes.Select(box => new Manifest(box))]) : throw new FormatException("The manifest store is empty.");
    }

    /// <summary>The manifest that an address such as <c>self#jumbf=/c2pa/urn:…</c> is of.</summary>
    public Manifest? Find(string address) => Manifests.FirstOrDefault(manifest => address.Split('/').Contains(manifest.Box.Label));
}

/// <summary>One manifest: a claim, its signature, and the assertions that it names by their hashes.</summary>
internal sealed class Manifest(Jumbf box)
{
    public Jumbf Box { get; } = box;

    public Jumbf? Claim { get; } = box.Boxes.LastOrDefault(child => child.Type == Jumbf.Claim);

    public Jumbf? Signature { get; } = box.Boxes.LastOrDefault(child => child.Type == Jumbf.Signature);

    private Jumbf? Assertions { get; } = box.Boxes.FirstOrDefault(child => child.Type == Jumbf.Assertions);

    /// <summary>The assertions of a kind, whichever version and number.</summary>
    public IEnumerable<Jumbf> AssertionsOf(string kind) =>
        Assertions?.Boxes.Where(assertion => assertion.Label == kind || assertion.Label.StartsWith($"{kind}.v", StringComparison.Ordinal) || assertion.Label.StartsWith($"{kind}__", StringComparison.Ordinal)) ?? [];

    /// <summary>What it refers to and is not there or not the same, in sentences.</summary>
    /// <exception cref="FormatException">A part cannot be read.</exception>
    public IEnumerable<string> IngredientProblems(ManifestStore store) =>
        from box in AssertionsOf("c2pa.ingredient")
        let ingredient = CborMap.Read(box.Content)
        let reference = ingredient.Map("activeManifest") ?? ingredient.Map("c2pa_manifest")
        where reference is not null
        let kept = store.Find(reference.Text("url") ?? "")
        where kept is null || !Hashes.Fits(kept.Box.Hashed.Span, reference.Bytes("hash"), reference.Text("alg"))
        select kept is null
            ? "The manifest of what the picture was made of is missing."
            : "The manifest of what the picture was made of has been changed since, or is hashed in a way that is not checked here.";

    /// <summary>What the claim says of its assertions that is not so, in sentences.</summary>
    /// <exception cref="FormatException">A part cannot be read.</exception>
    public IEnumerable<string> ClaimProblems(CborMap claim)
    {
        var named = new HashSet<string>();
        foreach (var reference in claim.Maps("assertions").Concat(claim.Maps("created_assertions")).Concat(claim.Maps("gathered_assertions")))
        {
            var address = reference.Text("url") ?? "";
            var label = address[(address.LastIndexOf('/') + 1)..];
            named.Add(label);
            var assertion = Assertions?.Find(label);
            if (assertion is null) yield return $"The claim names an assertion '{Printable.Of(label)}' that is not there.";
            else if (!Hashes.Fits(assertion.Hashed.Span, reference.Bytes("hash"), reference.Text("alg") ?? claim.Text("alg")))
                yield return $"The assertion '{Printable.Of(label)}' has been changed since it was signed.";
        }

        foreach (var assertion in Assertions?.Boxes.Where(assertion => !named.Contains(assertion.Label)) ?? [])
            yield return $"The assertion '{Printable.Of(assertion.Label)}' is not part of what was signed.";
    }
}

/// <summary>The hashes that C2PA allows.</summary>
internal static class Hashes
{
    public static bool Fits(ReadOnlySpan<byte> bytes, ReadOnlyMemory<byte>? hash, string? algorithm) =>
        hash is { } expected && NameOf(algorithm) is { } name && CryptographicOperations.HashData(name, bytes).AsSpan().SequenceEqual(expected.Span);

    public static HashAlgorithmName? NameOf(string? algorithm) => algorithm switch
    {
        "sha256" or null => HashAlgorithmName.SHA256,
        "sha384" => HashAlgorithmName.SHA384,
        "sha512" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
