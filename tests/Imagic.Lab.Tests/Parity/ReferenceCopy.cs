using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Imagic.Diffusion.Weights;
using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Parity;

/// <summary>A copy of a recorded fixture that expects only some of its tensors and can be changed.</summary>
internal sealed class ReferenceCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ReferenceCopy(string fixture, params string[] expected)
    {
        var source = RepositoryFiles.Fixture(fixture);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = File(System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy);
        }

        EditManifest(manifest =>
        {
            var tensors = manifest["tensors"]!.AsObject();
            foreach (var (name, tensor) in tensors.ToList())
            {
                if ((string)tensor!["role"]! == "expected" && !expected.Contains(name)) tensors.Remove(name);
            }
        });
    }

    public string Path => _folder.Path;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void EditManifest(Action<JsonObject> edit)
    {
        var path = File("expected.json");
        var manifest = JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsObject();
        edit(manifest);
        System.IO.File.WriteAllText(path, manifest.ToJsonString());
    }

    /// <summary>Puts another value into a recorded float32 tensor.</summary>
    public void Overwrite(string tensor, int index, float value)
    {
        var path = File("expected.safetensors");
        long offset;
        using (var file = SafetensorsFile.Open(path)) offset = file.Entries[tensor].Offset;
        var bytes = System.IO.File.ReadAllBytes(path);
        var data = sizeof(ulong) + (long)BinaryPrimitives.ReadUInt64LittleEndian(bytes) + offset;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan((int)data + (index * sizeof(float))), value);
        System.IO.File.WriteAllBytes(path, bytes);
    }

    /// <summary>A second autoencoder beside the package's, with the attention names of older files.</summary>
    public void WriteOldAutoencoder(string folder)
    {
        using var scope = NewDisposeScope();
        using var weights = SafetensorsFile.Open(File("vae/diffusion_pytorch_model.safetensors"));
        Directory.CreateDirectory(File(folder));
        System.IO.File.Copy(File("vae/config.json"), File($"{folder}/config.json"));
        using var stream = System.IO.File.Create(File($"{folder}/diffusion_pytorch_model.safetensors"));
        SafetensorsWriter.Write(
            stream, [.. from name in weights.Entries.Keys select (OldName(name), weights.ReadTensor(name))]);

        static string OldName(string name) => name
            .Replace("to_q", "query").Replace("to_k", "key").Replace("to_v", "value").Replace("to_out.0", "proj_attn");
    }

    public void Dispose() => _folder.Dispose();
}
