using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Imagic.Imaging;
using Imagic.Lab.DataSet;
using Imagic.Lab.EmojiEdBench;
using Imagic.Lab.Tests.DataSet;
using Imagic.Lab.Train.Autoencoder;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train.Autoencoder;

public sealed class ReconstructionTests : IDisposable
{
    private static readonly AutoencoderKLConfig Config = new([8, 8], NormNumGroups: 4);

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly AutoencoderKL _vae = new(Config, new ParameterSet(ScalarType.Float32, CPU));
    private readonly DataSetReader _data;
    private readonly DeviceDrawings _drawings;

    public ReconstructionTests()
    {
        _vae.Parameters.Bind(new RandomSource(4));
        _data = TinyDataSet.Write(_folder.Path, ("noto", "red heart"), ("blob", "blue circle"));
        _drawings = new(_data, CPU);
    }

    public void Dispose()
    {
        _drawings.Dispose();
        _vae.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Psnr_IsTheMeanOverHeldOutPicturesOnWhiteAndOnAColour()
    {
        double[] expected = [.. Pictures(DataSetSplit.HeldOut).Select(picture => Measures.Psnr(GivenBack(picture), picture))];

        Assert.Equal(2 * 2, expected.Length);
        Assert.Equal(expected.Average(), Reconstruction.Psnr(_vae, _drawings), 1e-3);
    }

    [Fact]
    public void ScalingFactor_GivesTheLatentsOfTrainingPicturesUnitVariance()
    {
        var latents = cat([.. Pictures(DataSetSplit.Training).Select(picture => _vae.Encode(Pixels(picture)).Mean)]);

        Assert.Equal(1, latents.mul(Held(Reconstruction.ScalingFactor(_vae, _drawings))).std(unbiased: false).item<float>(), 1e-4f);
    }

    private IEnumerable<RgbImage> Pictures(DataSetSplit split) =>
        from index in Enumerable.Range(0, _data.Items.Count)
        where _data.Items[index].Split == split
        from background in (Background[])[Background.White, Background.Colours[0]]
        select _data.Picture(index, background);

    private RgbImage GivenBack(RgbImage picture)
    {
        var bytes = ImageTensors.ToBytes(_vae.Decode(_vae.Encode(Pixels(picture)).Mean));
        return ImageTensors.ToImage(bytes, 0);
    }

    private static Tensor Pixels(RgbImage picture) => picture.ToTensor();
}
