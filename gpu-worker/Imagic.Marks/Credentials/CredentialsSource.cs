using System.Security.Cryptography;
using Imagic.Imaging;
using Imagic.Marks.Containers;

namespace Imagic.Marks.Credentials;

/// <summary>What a picture was made of: the parent ingredient of its manifest, with the manifests that it had itself.</summary>
public sealed class CredentialsSource
{
    /// <summary>Every picture that is made of it carries its manifests too.</summary>
    private const int MostManifestBytes = 4 * 1024 * 1024;

    private readonly string _title;
    private readonly ImageFormat? _format;
    private readonly Manifest? _active;
    private readonly CredentialsReport _report = CredentialsReport.None;

    private CredentialsSource(string title, ReadOnlyMemory<byte> file)
    {
        (_title, Sha256) = (title, Convert.ToHexStringLower(SHA256.HashData(file.Span)));
        try
        {
            var picture = PictureFile.Open(file);
            _format = picture.Format;
            if (picture.ManifestStore is not { } bytes) return;
            if (bytes.Length > MostManifestBytes)
            {
                Notice = $"The picture's own Content Credentials take {bytes.Length >> 20} MiB and are not carried on; results name the picture by its hash.";
                return;
            }

            var store = ManifestStore.Read(bytes);
            _report = CredentialsReader.Read(file);
            // One that does not hold in itself would make results invalid that are not.
            if (store.Active.Signature is null || store.Manifests.Any(manifest => !Holds(manifest, store))) throw new FormatException("The store does not hold.");
            _active = store.Active;
            Manifests = [.. store.Manifests.Select(manifest => manifest.Box.Whole.ToArray())];
        }
        catch (FormatException)
        {
            Notice = "The picture's own Content Credentials are damaged or of a kind that is not read here, and not carried on; results name the picture by its hash.";
        }
        catch (ImageException)
        {
            // Another format, such as GIF, or one that its own decoder takes all the same.
        }
    }

    private static bool Holds(Manifest manifest, ManifestStore store) =>
        manifest.Claim is { } claim && !manifest.ClaimProblems(CborMap.Read(claim.Content)).Any() && !manifest.IngredientProblems(store).Any();

    /// <summary>Of the file, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>What whoever sent the picture should know; null where there is nothing.</summary>
    public string? Notice { get; }

    /// <summary>Its own manifests, the last of them the active one, as they stand in its file.</summary>
    internal IReadOnlyList<byte[]> Manifests { get; } = [];

    /// <summary>Reads what a manifest tells of a source.</summary>
    /// <param name="title">Its name.</param>
    /// <param name="file">The whole file, any bytes.</param>
    public static CredentialsSource Of(string title, ReadOnlyMemory<byte> file) => new(title, file);

    internal byte[] ToCbor()
    {
        var entries = new List<(string, byte[])>
        {
            ("dc:title", Cbor.Text(_title)), ("relationship", Cbor.Text("parentOf")), ("instanceID", Cbor.Text($"urn:sha256:{Sha256}")),
        };
        if (_format is { } format) entries.Add(("dc:format", Cbor.Text(format.MediaType)));
        if (_active is null) return Cbor.Map([.. entries]);
        var manifest = $"self#jumbf=/c2pa/{_active.Box.Label}";
        var signature = $"{manifest}/{_active.Signature!.Label}";
        entries.Add(("activeManifest", Reference(manifest, _active.Box)));
        entries.Add(("claimSignature", Reference(signature, _active.Signature!)));
        entries.Add(("validationResults", Cbor.Map(("activeManifest", Validation(manifest, signature)))));
        return Cbor.Map([.. entries]);
    }

    // What held when the picture came; a verifier tells what does not any more.
    private byte[] Validation(string manifest, string signature)
    {
        var (held, failed) = (new List<byte[]>(), new List<byte[]>());
        (_report.IsSignatureValid ? held : failed).Add(Status(_report.IsSignatureValid ? "claimSignature.validated" : "claimSignature.mismatch", signature));
        (_report.IsHashValid ? held : failed).Add(Status(
            _report.IsHashValid ? "assertion.dataHash.match" : "assertion.dataHash.mismatch", $"{manifest}/{CredentialsWriter.AssertionsLabel}/{CredentialsWriter.HashLabel}"));
        return Cbor.Map(("success", Cbor.List([.. held])), ("informational", Cbor.List()), ("failure", Cbor.List([.. failed])));

        static byte[] Status(string code, string address) => Cbor.Map(("code", Cbor.Text(code)), ("url", Cbor.Text(address)));
    }

    private static byte[] Reference(string address, Jumbf box) =>
        Cbor.Map(("url", Cbor.Text(address)), ("alg", Cbor.Text("sha256")), ("hash", Cbor.Bytes(SHA256.HashData(box.Hashed.Span))));
}
