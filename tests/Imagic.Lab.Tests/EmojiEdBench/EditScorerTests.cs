using Imagic.Editing;
using Imagic.Lab.DataSet;
using Imagic.Lab.EmojiEdBench;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class EditScorerTests
{
    [Fact]
    public void Score_OfTruePictures_FindsThem()
    {
        using var scope = NewDisposeScope();
        using var bench = new Bench();
        var pictures = bench.Pictures;
        var edit = TinyBench.Edits[1]; // a heart of the noto style that is to become one of the blob style
        Rendering[] renderings = [new Rendering.Imagic(1, 1), new Rendering.Imagic(0, 1)];
        using var made = tensor([.. pictures.Image(edit.Target).Pixels, .. pictures.Image(edit.Source).Pixels], [2, 16, 16, 3], dtype: ScalarType.Byte);

        var score = bench.Scorer.Score(edit, renderings, made);

        Assert.Equal(bench.Drawings, bench.Seen);
        Assert.Equal((1, "green heart", true), (score[renderings[0]].Rank, score[renderings[0]].Nearest, score[renderings[0]].StyleKept));
        Assert.Equal(0, score[renderings[0]].Outside);
        Assert.True(score[renderings[0]].Distance > 0);
        Assert.False(score[renderings[1]].StyleKept);
        Assert.Equal(0, score[renderings[1]].Distance, 1e-5);
        Assert.Equal(score[new Rendering.Unedited()] with { Rendering = renderings[1], Distance = score[renderings[1]].Distance }, score[renderings[1]]);
    }

    // A picture half as far, then the target, which is repeated.
    [Fact]
    public void Score_OfAnAxis_TellsHowEvenItIs()
    {
        using var scope = NewDisposeScope();
        using var bench = new Bench();
        var edit = TinyBench.Edits[0];
        var (source, target) = (bench.Pictures.Image(edit.Source).Pixels, bench.Pictures.Image(edit.Target).Pixels);
        byte[] half = [.. source.Zip(target, (one, other) => (byte)((one + other) / 2))];
        using var made = tensor([.. target, .. half, .. target, .. target], [4, 16, 16, 3], dtype: ScalarType.Byte);

        var score = bench.Scorer.Score(edit, [.. Enumerable.Range(0, 4).Select(cell => new Rendering.Found(cell))], made);

        var steps = new[] { (source, half), (half, target) }.Select(pair => Distance(bench.Models, pair.Item1, pair.Item2)).ToArray();
        Assert.Equal(steps.Max() / steps.Average(), score.Evenness!.Value, 1e-3);
        Assert.Null(bench.Scorer.Score(edit, [new Rendering.Imagic(1, 1)], made.narrow(0, 0, 1)).Evenness);
    }

    [Fact]
    public void Gallery_ReadAgain_IsTheSame_AndNoneForAnotherSpace()
    {
        using var scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        var data = TinyBench.WriteData(folder.Path);
        using var drawings = new DeviceDrawings(data, CPU);
        using var gallery = Gallery.Embed(data, drawings, Pixels, (_, _) => { }, TestContext.Current.CancellationToken);
        var path = Path.Combine(folder.Path, "gallery.safetensors");

        Assert.Null(Gallery.Read(path, "pixels", data, CPU));
        gallery.Write(path, "pixels");
        using var again = Gallery.Read(path, "pixels", data, CPU);

        var one = rand(1, 3 * 16 * 16);
        Assert.Equal(gallery.Similarities(one)[0], again!.Similarities(one)[0]);
        Assert.Equal(gallery.Drawings, again.Drawings);
        Assert.Null(Gallery.Read(path, "others", data, CPU));
    }

    /// <summary>A scorer of the tiny data set, and what it is made of.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Gallery _gallery;

        public Bench()
        {
            var data = TinyBench.WriteData(_folder.Path);
            (Pictures, Drawings) = (new(data), data.Items.Count);
            using var drawings = new DeviceDrawings(data, CPU);
            _gallery = Gallery.Embed(data, drawings, Pixels, (done, _) => Seen = done, TestContext.Current.CancellationToken);
            Scorer = new(Models.Vae, Pixels, _gallery, Pictures, CPU);
        }

        public LoadedModels Models { get; } = TinyBench.LoadModels();

        public BenchImages Pictures { get; }

        public EditScorer Scorer { get; }

        public int Drawings { get; }

        /// <summary>Drawings that the gallery told of.</summary>
        public int Seen { get; private set; }

        public void Dispose()
        {
            _gallery.Dispose();
            Models.Dispose();
            _folder.Dispose();
        }
    }

    private static double Distance(LoadedModels models, byte[] one, byte[] other)
    {
        using var bytes = tensor([.. one, .. other], [2, 16, 16, 3], dtype: ScalarType.Byte);
        var latents = models.Vae.Encode(bytes.permute(0, 3, 1, 2).to(ScalarType.Float32).mul(Held(2f / 255)).sub(Held(1))).Mean;
        return LatentSpace.Distance(latents.narrow(0, 0, 1), latents.narrow(0, 1, 1))[0];
    }

    /// <summary>The pixels themselves at unit length, (B, 3·H·W): drawings that are equal are nearest to each other.</summary>
    private static Tensor Pixels(Tensor pictures)
    {
        var flat = pictures.flatten(1);
        return flat / flat.pow(Held(2)).sum(1, keepdim: true).sqrt();
    }
}
