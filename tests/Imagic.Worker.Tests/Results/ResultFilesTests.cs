using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Imagic.Contracts;
using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Imaging;
using Imagic.Marks.Credentials;
using Imagic.Marks.Watermark;
using Imagic.Marks.Xmp;
using Imagic.TestKit;
using Imagic.Tests;
using Imagic.Worker.Results;
using static TorchSharp.torch;

namespace Imagic.Worker.Tests.Results;

public class ResultFilesTests
{
    private static readonly string Micro = RepositoryFiles.Fixture("sd1-micro");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Render_PutsIntoEachPictureWhatMakesItAgain()
    {
        var settings = MicroEdit.Settings;
        var (results, again) = (await RenderAsync(settings, null), await RenderAsync(settings, null));

        var carried = results.Files.Where(file => file.Key.EndsWith(".png", StringComparison.Ordinal)).ToDictionary(file => file.Key, file => TextOf(file.Value));
        Assert.Equal(
            [.. results.Record.Pictures.Select(picture => picture.File).Append(ResultManifest.SuggestedFile).Append("pictures/seed5-eta0.00-blend1.00-small.png").Order()],
            carried.Where(file => file.Value is not null).Select(file => file.Key).Order());
        foreach (var picture in results.Record.Pictures)
            Assert.Equal(PictureSettings.Of(settings, "sd1-micro", null, picture.Seed, new(picture.Eta, picture.Blend)).ToJson(), carried[picture.File]);
        var suggested = results.Record.Pictures.Single(picture => picture.Suggested);
        Assert.Equal(carried[suggested.File], carried[ResultManifest.SuggestedFile]);
        Assert.All(results.Record.Pictures, picture => Assert.Equal(picture.Sha256, Convert.ToHexStringLower(SHA256.HashData(results.Files[picture.File]))));
        // Whenever it is rendered, and of the same pictures whatever they carry.
        Assert.Equal(results.PicturesSha256, (await RenderAsync(settings with { Seed = settings.Seed + 1 }, null)).PicturesSha256);
        Assert.Equal(results.PicturesSha256, again.PicturesSha256);
        Assert.All(carried.Keys, name => Assert.Equal(Unsigned.Of(results.Files[name]), Unsigned.Of(again.Files[name])));
    }

    [Fact]
    public async Task Render_MarksEveryPicture()
    {
        var settings = MicroEdit.Settings;
        var results = await RenderAsync(settings, null);

        var pictures = results.Files.Where(file => file.Key.EndsWith(".png", StringComparison.Ordinal)).ToList();
        Assert.All(pictures, file =>
        {
            var report = CredentialsReader.Read(file.Value);
            Assert.True(report is { IsSignatureValid: true, IsHashValid: true, HasIngredient: true, IsSelfMade: true, Problems: [] }, file.Key);
            var isSource = file.Key == ResultManifest.SourceFile;
            Assert.Equal(isSource ? ["c2pa.opened", "c2pa.resized"] : ["c2pa.opened", "c2pa.edited"], report.Actions.Select(action => action.Name));
            // What is only the source at another size was not generated.
            Assert.Equal(isSource ? null : Provenance.CompositeWithTrainedAlgorithmicMedia, report.Actions[1].DigitalSourceType);
            Assert.Equal(report.Actions[1].DigitalSourceType, XmpReader.Read(file.Value)?.DigitalSourceType);
        });
        var suggested = results.Record.Pictures.Single(picture => picture.Suggested);
        Assert.Equal(
            new(Provenance.CompositeWithTrainedAlgorithmicMedia, XmpReader.Read(results.Files[suggested.File])!.CreatorTool, "sd1-micro", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(TextOf(results.Files[suggested.File])!)))),
            XmpReader.Read(results.Files[suggested.File]));
    }

    [Fact]
    public async Task Render_OfASourceWithCredentials_KeepsThem()
    {
        var first = (await RenderAsync(MicroEdit.Settings, null)).Files[ResultManifest.SuggestedFile];

        var results = await RenderAsync(MicroEdit.Settings, null, picture: first);

        Assert.All([ResultManifest.SourceFile, ResultManifest.SuggestedFile, ResultManifest.GridFile], name =>
            Assert.True(CredentialsReader.Read(results.Files[name]) is { HasIngredientManifest: true, IsHashValid: true, Problems: [] }, name));
        Assert.True(results.Files[ResultManifest.SuggestedFile].AsSpan().IndexOf(Unsigned.ManifestOf(first)) > 0);
    }

    [Fact]
    public async Task Render_OfASizeThatWasAskedFor_TellsItInThePictures()
    {
        var text = TextOf((await RenderAsync(MicroEdit.Settings, new(64, 32))).Files[ResultManifest.SuggestedFile])!;

        Assert.Equal(new(64, 32), Versioning.Read(Encoding.UTF8.GetBytes(text), ContractsJsonContext.Default.PictureSettings, "chunk").Size);
    }

    [Fact]
    public async Task Render_OfASearch_TellsOfEachPictureWhatIsKnown_AndWhyOneIsSuggested()
    {
        var settings = MicroEdit.Settings with { Sample = MicroEdit.Settings.Sample with { Seeds = [5, 6], Blends = [1], Search = new() { Alignment = 0.7 } } };
        EditedImage[] pictures = [];

        var results = await RenderAsync(settings, null, (width, height) => pictures =
        [
            .. from cell in new (long Seed, double Eta, int Rank, FoundStrength Found)[]
               {
                   (5, 0, 0, new(false, 0, 0)), (5, 0.31, 2, new(false, 0.4, 0.72)), (5, 0.5, 0, new(true, 0.6, 0.9)), (6, 0.22, 1, new(false, 0.3, 0.71)),
               }
               select new EditedImage(new(cell.Seed, new(cell.Eta, 1)), Noise(cell.Eta, width, height)) { Rank = cell.Rank, Found = cell.Found },
        ]);

        Assert.Equal(["pictures/seed6-eta0.22-blend1.00.png", "pictures/seed5-eta0.31-blend1.00.png"], results.Suggested);
        Assert.Equal(results.Files[results.Suggested[0]], results.Files[ResultManifest.SuggestedFile]);
        Assert.Equal(pictures.Select(picture => picture.Found), results.Record.Pictures.Select(picture => picture.Found));
        var report = Encoding.UTF8.GetString(results.Files[ResultManifest.ReportFile]);
        Assert.Contains("suggested is η = 0.22 of seed 6, the first of its seed that reaches 0.70", report, StringComparison.Ordinal);
        Assert.Contains("alt=\"η = 0.5, seed 5, s = 1; distance 0.60, alignment 0.90, draft\"", report, StringComparison.Ordinal);
        Assert.DoesNotContain(results.Record.Notices, notice => notice.Contains("versions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Render_OfVersionsThatAreAlike_SaysWhatBringsVariety()
    {
        var settings = MicroEdit.Settings with { Sample = MicroEdit.Settings.Sample with { Seeds = [5, 6] } };

        Assert.Contains(await NoticesAsync(0), notice => notice.StartsWith("All versions come out nearly the same", StringComparison.Ordinal));
        Assert.DoesNotContain(await NoticesAsync(1), notice => notice.StartsWith("All versions", StringComparison.Ordinal));
        Assert.DoesNotContain((await RenderAsync(settings with { Sample = settings.Sample with { Seeds = [5] } }, null)).Record.Notices, notice => notice.StartsWith("All versions", StringComparison.Ordinal));

        async Task<IReadOnlyList<string>> NoticesAsync(double apart) => (await RenderAsync(settings, null, (width, height) =>
        [
            .. from seed in settings.Sample.Seeds
               from strength in new[] { new Strength(0, 1), settings.Suggested }
               select new EditedImage(new(seed, strength), Noise(strength.Eta + apart * (seed - 5), width, height)) { Rank = strength == settings.Suggested ? (int)seed - 4 : 0 },
        ])).Record.Notices;
    }

    [Fact]
    public async Task Render_MarksWhatItWrites_AndNamesThePixelsBefore()
    {
        var id = Contracts.Edits.EditId.Parse("an-edit");
        var (plain, marked, again) = (
            await RenderAsync(MicroEdit.Settings, null), await RenderAsync(MicroEdit.Settings, null, watermark: new(id)), await RenderAsync(MicroEdit.Settings, null, watermark: new(id)));

        Assert.Equal(plain.PicturesSha256, marked.PicturesSha256);
        Assert.Equal(plain.Record.Pictures.Select(picture => picture.SourceDecibels), marked.Record.Pictures.Select(picture => picture.SourceDecibels));
        Assert.Equal(Unsigned.Of(plain.Files[ResultManifest.SourceFile]), Unsigned.Of(marked.Files[ResultManifest.SourceFile]));
        foreach (var (name, file) in marked.Files.Where(file => file.Key.EndsWith(".png", StringComparison.Ordinal) && file.Key != ResultManifest.SourceFile))
        {
            Assert.Equal(Unsigned.Of(again.Files[name]), Unsigned.Of(file));
            var (before, after) = (ImageCodec.Decode(plain.Files[name], ImageLimits.Default), ImageCodec.Decode(file, ImageLimits.Default));
            Assert.Equal(new WatermarkWriter(id).Mark(before), after);
        }

        Assert.Equal(Payload.Of(id), WatermarkReader.Read(ImageCodec.Decode(marked.Files[ResultManifest.GridFile], ImageLimits.Default))?.Payload);
        Assert.All(marked.Record.Pictures, picture => Assert.Equal(picture.Sha256, Convert.ToHexStringLower(SHA256.HashData(marked.Files[picture.File]))));
    }

    [Fact]
    public void Source_ThatWasEditedHereBefore_IsTold()
    {
        var picture = RgbImage.Filled(256, 256, 90, 120, 150);
        var id = Contracts.Edits.EditId.Parse("an-earlier-edit");

        Assert.Empty(SourceMarks.Notices(SourceOf(picture)));
        Assert.Contains(
            $"begins with {Payload.Of(id).EditText}", Assert.Single(SourceMarks.Notices(SourceOf(new WatermarkWriter(id).Mark(picture)))), StringComparison.Ordinal);
    }

    private static async Task<ResultFiles> RenderAsync(
        EditSettings settings, Contracts.Edits.WorkingSize? size, Func<int, int, IReadOnlyList<EditedImage>>? made = null, byte[]? picture = null, WatermarkWriter? watermark = null)
    {
        using var models = new LoadedModels(ModelPackage.Open(Micro), ScalarType.Float32, CPU);
        var source = picture is null
            ? SourceImage.Read(Path.Combine(Micro, "input.png"), models.Package, size)
            : SourceImage.Read("it.png", picture, models.Package, size);
        var (width, height) = (source.Working.Width, source.Working.Height);
        var pictures =
            from blend in settings.Sample.Blends
            from eta in settings.EtasWithSource()
            select new EditedImage(new(settings.Sample.Seeds[0], new Strength(eta, blend)), Noise(eta, width, height))
            {
                Rank = new Strength(eta, blend) == settings.Suggested ? 1 : 0,
                Small = eta == 0 && blend == 1 ? RgbImage.Filled(width / 2, height / 2, 1, 2, 3) : null,
            };
        var finished = new EditOutcome.Finished(made?.Invoke(width, height) ?? [.. pictures], new Dictionary<EditStage, float[]>(), new Dictionary<EditStage, double> { [EditStage.Sample] = 1 });
        return await ResultFiles.RenderAsync(source, settings, finished, models, checkSafety: true, Unsigned.Marks, watermark, TimeProvider.System, Token);
    }

    private static SourceImage SourceOf(RgbImage picture) =>
        SourceImage.Read("a.png", ImageCodec.Encode(picture, ImageFormat.Png), ModelPackage.Open(Micro), null);

    private static RgbImage Noise(double seed, int width, int height)
    {
        var picture = RgbImage.Filled(width, height, 0, 0, 0);
        new Random((int)(seed * 1000)).NextBytes(picture.Pixels);
        return picture;
    }

    // PNG third edition, 11.3.3.4: keyword, 0, not compressed, method, language, 0, translated keyword, 0, UTF-8.
    private static string? TextOf(byte[] png)
    {
        for (var at = 8; at < png.Length; at += BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at)) + 12)
        {
            var content = png.AsSpan(at + 8, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at)));
            if (!png.AsSpan(at + 4, 4).SequenceEqual("iTXt"u8) || !content.StartsWith("imagic\0"u8)) continue;
            byte[] start = [.. "imagic\0\0\0zxx\0\0"u8];
            Assert.Equal(start, content[..start.Length].ToArray());
            return Encoding.UTF8.GetString(content[start.Length..]);
        }

        return null;
    }
}
