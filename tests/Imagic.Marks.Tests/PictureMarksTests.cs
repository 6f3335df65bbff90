using Imagic.Imaging;
using Imagic.Marks.Credentials;
using Imagic.Marks.Tests.Credentials;
using Imagic.Marks.Xmp;

namespace Imagic.Marks.Tests;

public class PictureMarksTests
{
    private static readonly PictureMarks Marks = new(SelfMadeSigner.Create(TimeProvider.System), TimeProvider.System);

    [Theory]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public async Task Transcoded_SaysWhatItsSourceSays(ImageFormat format)
    {
        var result = Marks.Edited(Scenes.File(ImageFormat.Png), CredentialsSource.Of("photo.jpg", Scenes.File(ImageFormat.Jpeg)), "suggested.png", "emoji-64", "00ff");

        var saved = Marks.Transcoded(Scenes.File(format), result, "picture");

        var verdict = await Judge.AskAsync(format, saved);
        Assert.True(verdict.State == "Valid", verdict.Store.ToString());
        Assert.Equal(2, verdict.Store.GetProperty("manifests").EnumerateObject().Count());
        var report = CredentialsReader.Read(saved);
        Assert.True(report is { HasIngredientManifest: true, Problems: [] });
        Assert.Equal(["c2pa.opened", "c2pa.transcoded"], report.Actions.Select(action => action.Name));
        Assert.Equal(Provenance.CompositeWithTrainedAlgorithmicMedia, report.Actions[1].DigitalSourceType);
        Assert.Equal(XmpReader.Read(result), XmpReader.Read(saved));
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public async Task Edited_OfManyPictures_IsCreated(ImageFormat format)
    {
        var sheet = Marks.Edited(Scenes.File(format), source: null, "contact-sheet.png");

        var verdict = await Judge.AskAsync(format, sheet);
        Assert.True(verdict.State == "Valid", verdict.Store.ToString());
        var action = Assert.Single(CredentialsReader.Read(sheet).Actions);
        Assert.Equal(("c2pa.created", Provenance.CompositeWithTrainedAlgorithmicMedia), (action.Name, action.DigitalSourceType));
    }

    [Fact]
    public void Edited_OfASourceWhoseCredentialsAreDamaged_LeavesThemOutAndSaysSo()
    {
        var source = Marks.Edited(Scenes.File(ImageFormat.Png), source: null, "it");
        source[source.AsSpan().IndexOf("c2pa.created"u8)] ^= 1;

        var read = CredentialsSource.Of("it", source);

        Assert.Contains("are damaged", read.Notice, StringComparison.Ordinal);
        Assert.True(CredentialsReader.Read(Marks.Edited(Scenes.File(ImageFormat.Png), read, "that")) is { HasIngredient: true, HasIngredientManifest: false, Problems: [] });
    }
}
