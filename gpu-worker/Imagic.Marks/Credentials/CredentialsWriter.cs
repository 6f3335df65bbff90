using System.Security.Cryptography;
using Imagic.Imaging;
using Imagic.Marks.Containers;

namespace Imagic.Marks.Credentials;

/// <summary>Writes Content Credentials: a manifest of C2PA, claim version 2, with one signature.</summary>
public static class CredentialsWriter
{
    internal const string AssertionsLabel = "c2pa.assertions", ClaimLabel = "c2pa.claim.v2", SignatureLabel = "c2pa.signature";
    internal const string ActionsLabel = "c2pa.actions.v2", HashLabel = "c2pa.hash.data", IngredientLabel = "c2pa.ingredient.v3";

    private const string Sha = "sha256";

    /// <summary>Adds a manifest in the place of any that the file has.</summary>
    /// <param name="file">A PNG, JPEG or WebP.</param>
    /// <param name="made">How it was made.</param>
    /// <param name="signer">Signs it.</param>
    /// <param name="time">Gives the date.</param>
    /// <exception cref="ImageException">It is no such file.</exception>
    public static byte[] Write(ReadOnlyMemory<byte> file, Provenance made, CredentialsSigner signer, TimeProvider time)
    {
        var bare = PictureFile.Open(file).WithoutManifest();
        var now = time.GetUtcNow();
        var manifest = new Draft($"urn:c2pa:{Guid.NewGuid():D}", made, now);
        byte[] Store(int length, byte[] hash, byte[]? signature)
        {
            var (start, taken) = bare.RangeOf(length);
            return manifest.Store(start, taken, hash, signature is null ? _ => new byte[signer.SignatureLength] : signer.Sign);
        }

        // Numbers grow with the length that they tell; a few rounds find the length that tells itself.
        var length = 0;
        for (int found; (found = Store(length, new byte[SHA256.HashSizeInBytes], null).Length) != length;) length = found;
        var marked = bare.WithManifest(new byte[length]);
        var (first, left) = bare.RangeOf(length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(marked.AsSpan(0, first));
        hash.AppendData(marked.AsSpan(first + left));
        return bare.WithManifest(Store(length, hash.GetHashAndReset(), []));
    }

    /// <summary>Whatever is in it but the binding is the same however often it is laid out.</summary>
    private sealed class Draft(string label, Provenance made, DateTimeOffset now)
    {
        private readonly string _instance = $"xmp:iid:{Guid.NewGuid():D}";

        public byte[] Store(int start, int length, byte[] hash, Func<byte[], byte[]> sign)
        {
            var assertions = new List<(string Label, byte[] Box)>();
            var ingredient = made.Source is { } source ? Add(IngredientLabel, source.ToCbor()) : null;
            Add(ActionsLabel, Cbor.Map(("actions", Cbor.List([.. Actions(ingredient)]))));
            Add(HashLabel, Cbor.Map(
                ("exclusions", Cbor.List(Cbor.Map(("start", Cbor.Number(start)), ("length", Cbor.Number(length))))),
                ("name", Cbor.Text("jumbf manifest")), ("alg", Cbor.Text(Sha)), ("hash", Cbor.Bytes(hash)), ("pad", Cbor.Bytes([]))));
            var claim = Cbor.Map(
                ("instanceID", Cbor.Text(_instance)),
                ("claim_generator_info", Agent()),
                ("signature", Cbor.Text($"self#jumbf=/c2pa/{label}/{SignatureLabel}")),
                ("created_assertions", Cbor.List([.. assertions.Select(assertion => Reference(assertion.Label, assertion.Box))])),
                ("dc:title", Cbor.Text(made.Title)),
                ("alg", Cbor.Text(Sha)));
            var manifest = Jumbf.Write(
                Jumbf.Manifest, label,
                Jumbf.Write(Jumbf.Assertions, AssertionsLabel, [.. assertions.Select(assertion => assertion.Box)]),
                Jumbf.WriteCbor(Jumbf.Claim, ClaimLabel, claim),
                Jumbf.WriteCbor(Jumbf.Signature, SignatureLabel, sign(claim)));
            return Jumbf.Write(Jumbf.Store, "c2pa", [.. made.Source?.Manifests ?? [], manifest]);

            byte[] Add(string name, byte[] cbor)
            {
                var box = Jumbf.WriteCbor(Jumbf.Cbor, name, cbor);
                assertions.Add((name, box));
                return Reference(name, box);
            }
        }

        private IEnumerable<byte[]> Actions(byte[]? ingredient)
        {
            if (ingredient is not null)
                yield return Cbor.Map(("action", Cbor.Text("c2pa.opened")), ("when", Cbor.Date(now)), ("parameters", Cbor.Map(("ingredients", Cbor.List(ingredient)))));
            var done = new List<(string, byte[])> { ("action", Cbor.Text(ingredient is null ? Provenance.Created : made.Action)), ("when", Cbor.Date(now)), ("softwareAgent", Agent()) };
            if (made.DigitalSourceType is { } type) done.Add(("digitalSourceType", Cbor.Text(type)));
            if (made.Description is { } description) done.Add(("description", Cbor.Text(description)));
            yield return Cbor.Map([.. done]);
        }

        private static byte[] Agent() => Cbor.Map(("name", Cbor.Text("Imagic")), ("version", Cbor.Text(PictureMarks.Version)));

        private static byte[] Reference(string assertion, byte[] box) => Cbor.Map(
            ("url", Cbor.Text($"self#jumbf={AssertionsLabel}/{assertion}")), ("hash", Cbor.Bytes(SHA256.HashData(box.AsSpan(8)))));
    }
}
