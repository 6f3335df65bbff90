using Imagic.Cli.Edit;
using Imagic.Editing;
using Imagic.Imaging;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>From a picture's file to the autoencoder's input, as the published pipelines do it.</summary>
internal sealed class PreprocessParity(ReferenceFolder reference) : IParityArea
{
    private const int Multiple = 32; // sides are rounded down to it

    public IEnumerable<Quantity> Quantities() => [new("preprocess.out", Limits.Table, Preprocess)];

    private Tensor Preprocess()
    {
        var bytes = File.ReadAllBytes(Path.Combine(reference.Folder, "resize_in.png"));
        var image = ImageCodec.Decode(bytes, ImageLimits.Default);
        var (width, height) = (image.Width / Multiple * Multiple, image.Height / Multiple * Multiple);
        return Lanczos.Resize(image, width, height).ToTensor();
    }
}
