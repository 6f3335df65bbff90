using System.Collections.Immutable;
using System.Globalization;
using Imagic.Imaging;
using Imagic.Marks.Containers;

namespace Imagic.Marks.Credentials;

/// <summary>Reads Content Credentials.</summary>
public static class CredentialsReader
{
    /// <summary>Reads and checks those of a PNG, JPEG or WebP. Any bytes may be given: what cannot be read is among the
    /// <see cref="CredentialsReport.Problems"/>, and nothing is thrown.</summary>
    public static CredentialsReport Read(ReadOnlyMemory<byte> file) => Read(file, TimeProvider.System);

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})"/>
    internal static CredentialsReport Read(ReadOnlyMemory<byte> file, TimeProvider time)
    {
        PictureFile picture;
        try
        {
            picture = PictureFile.Open(file);
        }
        catch (ImageException exception)
        {
            return CredentialsReport.None with { Problems = [exception.Message] };
        }

        if (picture.ManifestStore is not { } bytes) return CredentialsReport.None;
        try
        {
            return Read(ManifestStore.Read(bytes), picture, time);
        }
        catch (FormatException exception)
        {
            return CredentialsReport.None with { Found = true, Problems = [exception.Message] };
        }
    }

    private static CredentialsReport Read(ManifestStore store, PictureFile picture, TimeProvider time)
    {
        var manifest = store.Active;
        if (manifest.Claim is not { } claimBox || manifest.Signature is not { } signatureBox)
            return CredentialsReport.None with { Found = true, Problems = ["The manifest is compressed, or has no claim or no signature."] };
        var claim = CborMap.Read(claimBox.Content);
        var signature = ClaimSignature.Check(signatureBox.Content, claimBox.Content.Span, time);
        var claimProblems = manifest.ClaimProblems(claim).ToList();
        var binding = DataHash.Problem(manifest, claim.Text("alg"), picture);
        var ingredients = manifest.AssertionsOf("c2pa.ingredient").Select(box => CborMap.Read(box.Content)).ToList();
        var actions = manifest.AssertionsOf("c2pa.actions").SelectMany(box => CborMap.Read(box.Content).Maps("actions")).Select(ActionOf).ToImmutableArray();
        return new()
        {
            Found = true,
            ClaimGenerator = claim.Maps("claim_generator_info").Select(NameOf).FirstOrDefault() ?? claim.Text("claim_generator"),
            Actions = actions,
            Signer = signature.Signer,
            IsSelfMade = signature.IsSelfMade,
            Time = actions.Max(action => action.When),
            IsSignatureValid = signature.Problem is null && claimProblems.Count == 0,
            IsHashValid = binding is null,
            HasIngredient = ingredients.Count > 0,
            HasIngredientManifest = ingredients.Any(ingredient => HasManifest(store, ingredient)),
            Problems = [.. ((string?[])[signature.Problem, .. claimProblems, binding, .. manifest.IngredientProblems(store), signature.Warning]).OfType<string>()],
        };
    }

    private static bool HasManifest(ManifestStore store, CborMap ingredient) =>
        (ingredient.Map("activeManifest") ?? ingredient.Map("c2pa_manifest"))?.Text("url") is { } address && store.Find(address) is not null;

    private static CredentialsAction ActionOf(CborMap action) => new(
        action.Text("action") ?? "",
        action.Text("digitalSourceType"),
        action.Text("softwareAgent") ?? action.Maps("softwareAgent").Select(NameOf).FirstOrDefault(),
        DateTimeOffset.TryParse(action.Text("when"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when) ? when : null);

    private static string? NameOf(CborMap program) =>
        program.Text("name") is not { } name ? null : program.Text("version") is { } version ? $"{name} {version}" : name;
}
