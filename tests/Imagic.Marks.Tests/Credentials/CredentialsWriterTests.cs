using Imagic.Imaging;
using Imagic.Marks.Containers;
using Imagic.Marks.Credentials;

namespace Imagic.Marks.Tests.Credentials;

public class CredentialsWriterTests
{
    private static readonly CredentialsSigner Signer = SelfMadeSigner.Create(TimeProvider.System);

    public static TheoryData<ImageFormat> Formats => [ImageFormat.Png, ImageFormat.Jpeg, ImageFormat.WebP];

    /// <summary>Odd and even lengths, one and more segments of a JPEG, numbers that take more bytes.</summary>
    public static TheoryData<ImageFormat, int> Lengths
    {
        get
        {
            var data = new TheoryData<ImageFormat, int>();
            foreach (var format in (ImageFormat[])[ImageFormat.Png, ImageFormat.Jpeg, ImageFormat.WebP])
                foreach (var length in (int[])[10, 11, 62_000, 200_000]) data.Add(format, length);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Write_TellsWhatWasMadeOfWhat(ImageFormat format)
    {
        var file = Marked(Scenes.File(format), Photo);

        var verdict = await Judge.AskAsync(format, file);
        Holds(verdict);
        var (opened, edited) = (Action(0), Action(1));
        Assert.Equal("c2pa.opened", opened.GetProperty("action").GetString());
        Assert.Contains("c2pa.ingredient.v3", opened.GetProperty("parameters").GetProperty("ingredients")[0].GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Equal("c2pa.edited", edited.GetProperty("action").GetString());
        Assert.Equal(Provenance.CompositeWithTrainedAlgorithmicMedia, edited.GetProperty("digitalSourceType").GetString());
        Assert.Equal("Imagic", edited.GetProperty("softwareAgent").GetProperty("name").GetString());
        var ingredient = Assert.Single(verdict.Active.GetProperty("ingredients").EnumerateArray());
        Assert.Equal(("photo.jpg", "parentOf"), (ingredient.GetProperty("title").GetString(), ingredient.GetProperty("relationship").GetString()));
        Assert.False(ingredient.TryGetProperty("active_manifest", out _));
        Assert.Equal(ImageCodec.Decode(Scenes.File(format), ImageLimits.Default).Pixels, ImageCodec.Decode(file, ImageLimits.Default).Pixels);

        System.Text.Json.JsonElement Action(int index) => verdict.Active.GetProperty("assertions").EnumerateArray()
            .Single(assertion => assertion.GetProperty("label").GetString() == "c2pa.actions.v2").GetProperty("data").GetProperty("actions")[index];
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Write_KeepsTheManifestsThatTheSourceHad(ImageFormat format)
    {
        var once = Marked(Scenes.File(format), Photo);
        var twice = Marked(Scenes.File(format), once);
        var thrice = Marked(Scenes.File(format), twice);

        var verdict = await Judge.AskAsync(format, thrice);

        Holds(verdict);
        Assert.Equal(3, verdict.Store.GetProperty("manifests").EnumerateObject().Count());
        var ingredient = Assert.Single(verdict.Active.GetProperty("ingredients").EnumerateArray());
        var parent = verdict.Store.GetProperty("manifests").GetProperty(ingredient.GetProperty("active_manifest").GetString()!);
        Assert.Equal(
            (await Judge.AskAsync(format, twice)).Active.GetProperty("instance_id").GetString(), parent.GetProperty("instance_id").GetString());
        var report = CredentialsReader.Read(thrice);
        Assert.True(report is { HasIngredient: true, HasIngredientManifest: true });
        Assert.Empty(report.Problems);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Write_OfASourceThatWasTamperedWith_HoldsItself(ImageFormat format)
    {
        var source = Tampered(Marked(Scenes.File(format), Photo));

        var verdict = await Judge.AskAsync(format, Marked(Scenes.File(format), source));

        Holds(verdict);
        var ingredient = Assert.Single(verdict.Active.GetProperty("ingredients").EnumerateArray());
        Assert.Contains("assertion.dataHash.mismatch", ingredient.GetProperty("validation_results").GetProperty("activeManifest").GetProperty("failure").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task AnyByteOfThePixels_ThatIsChanged_IsTold(ImageFormat format)
    {
        var changed = Tampered(Marked(Scenes.File(format), Photo));

        var verdict = await Judge.AskAsync(format, changed);

        Assert.Equal("Invalid", verdict.State);
        Assert.Contains("assertion.dataHash.mismatch", verdict.Failures);
        var report = CredentialsReader.Read(changed);
        Assert.True(report is { Found: true, IsSignatureValid: true, IsHashValid: false });
        Assert.Equal(["The picture has been changed since it was signed."], report.Problems);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Write_HoldsWhateverItsLength(ImageFormat format, int length)
    {
        var marked = Marked(Scenes.File(format), Photo, new('x', length));

        Holds(await Judge.AskAsync(format, marked));
        var report = CredentialsReader.Read(marked);
        Assert.Empty(report.Problems);
        Assert.True(report is { IsSignatureValid: true, IsHashValid: true });
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Write_OverAManifest_TakesItsPlace(ImageFormat format)
    {
        var again = Marked(Marked(Scenes.File(format), Photo), Photo);

        Assert.Empty(CredentialsReader.Read(again).Problems);
        Assert.Single(ManifestStore.Read(PictureFile.Open(again).ManifestStore!.Value).Manifests);
    }

    private static byte[] Photo => Scenes.File(ImageFormat.Jpeg);

    private static void Holds(Verdict verdict)
    {
        Assert.True(verdict.State == "Valid", verdict.Store.ToString());
        Assert.All(verdict.Failures, failure => Assert.Equal(Verdict.Untrusted, failure));
        Assert.NotEmpty(verdict.Failures);
    }

    /// <summary>A bit in the middle of the picture, which in no format is where the manifest is.</summary>
    private static byte[] Tampered(byte[] file)
    {
        var range = PictureFile.Open(file).ManifestRange!.Value;
        var changed = (byte[])[.. file];
        changed[range.Start + range.Length + 1 >= file.Length ? range.Start / 2 : (range.Start + range.Length + file.Length) / 2] ^= 1;
        return changed;
    }

    private static byte[] Marked(byte[] file, byte[] source, string model = "emoji-64") => CredentialsWriter.Write(
        file, new(CredentialsSource.Of("photo.jpg", source), Provenance.Edited, Provenance.CompositeWithTrainedAlgorithmicMedia, "suggested.png", model),
        Signer, TimeProvider.System);
}
