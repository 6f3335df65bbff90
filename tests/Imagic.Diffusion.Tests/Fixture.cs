using System.Text.Json;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests;

/// <summary>
/// A small model package with what the Python originals make of it: <c>sd1-micro</c>, <c>sd2-micro</c>, <c>sdxl-micro</c> (their
/// <c>expected.json</c> explains each tensor), or the trained <c>starter-64</c> (<c>check/</c>).
/// </summary>
internal sealed class Fixture(string name)
{
    public string Folder { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "fixtures", name);

    private string Checks => name == "starter-64" ? Path("check") : Folder;

    /// <summary>The texts that the recorded ids and states are of.</summary>
    public string[] Prompts
    {
        get
        {
            using var json = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(Checks, "expected.json")));
            return [.. json.RootElement.GetProperty("prompts").EnumerateArray().Select(prompt => prompt.GetString()!)];
        }
    }

    public string Path(params string[] parts) => System.IO.Path.Combine([Folder, .. parts]);

    /// <summary>A tensor that the Python original was given or gave.</summary>
    public Tensor Recorded(string tensor)
    {
        using var file = SafetensorsFile.Open(System.IO.Path.Combine(Checks, "expected.safetensors"));
        return file.ReadTensor(tensor);
    }
}
