using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>The pictures of each edit in a file of its own, so that several processes can fill one folder. Pixels as they are:
/// writing them needs no codec.</summary>
public sealed class EvalResults(string folder)
{
    private const string Pictures = "pictures", FingerprintKey = "fingerprint";

    /// <summary>Whether an edit's pictures are there and were made by the same computation.</summary>
    public bool Holds(BenchEdit edit, string fingerprint)
    {
        if (!File.Exists(PathOf(edit))) return false;
        using var file = SafetensorsFile.Open(PathOf(edit));
        return file.Metadata.GetValueOrDefault(FingerprintKey) == fingerprint;
    }

    /// <param name="pictures">(N, H, W, 3) bytes, in the order of <see cref="EvalPlan.Renderings"/>.</param>
    public void Write(BenchEdit edit, string fingerprint, Tensor pictures)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(edit))!);
        SafetensorsWriter.WriteFile(PathOf(edit), [(Pictures, pictures)], new Dictionary<string, string> { [FingerprintKey] = fingerprint });
    }

    /// <summary>(N, H, W, 3) bytes on the CPU.</summary>
    public Tensor Read(BenchEdit edit)
    {
        using var file = SafetensorsFile.Open(PathOf(edit));
        return file.ReadTensor(Pictures);
    }

    private string PathOf(BenchEdit edit) => Path.Combine(folder, "edits", $"{edit.Id}.safetensors");
}
