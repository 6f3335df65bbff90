using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Weights;

public sealed class SafetensorsFileTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[],"data_offsets":[8,9]}}""";

    [Fact]
    public void Open_FileOfThePythonLibrary_HasItsTensorsAndMetadata()
    {
        var fixture = new Fixture("sd1-micro");

        using var file = SafetensorsFile.Open(fixture.Path("expected.safetensors"));

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([22, 77], file.Entries["tok.ids"].Shape);
        Assert.Equal(ScalarType.Int64, file.Entries["tok.ids"].Dtype);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void CopyTo_OtherElementType_Converts(ScalarType stored)
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [("t", tensor(new[] { 1.5f, -2f, 0.25f }).to(stored))]);
        using var file = SafetensorsFile.Read(stream.ToArray(), "memory");
        var destination = zeros([1, 3], dtype: ScalarType.Float32);

        file.CopyTo("t", destination);

        Assert.Equal([1.5f, -2f, 0.25f], destination.data<float>().ToArray());
    }

    [Fact]
    public void CopyTo_PieceOfABuffer_LeavesTheRestAlone()
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Read(Bytes(Good, [.. BitConverter.GetBytes(3f), .. BitConverter.GetBytes(4f), 5]), "memory");
        var buffer = zeros(4, dtype: ScalarType.Float32);

        file.CopyTo("a", buffer.narrow(0, 1, 2));

        Assert.Equal([0f, 3f, 4f, 0f], buffer.data<float>().ToArray());
    }

    [Fact]
    public void ReadTensor_UnknownKey_NamesFileAndKey()
    {
        using var file = SafetensorsFile.Read(Bytes(Good, new byte[9]), "some.safetensors");

        var error = Assert.Throws<ModelPackageException>(() => file.ReadTensor("c"));

        Assert.Equal("some.safetensors: there is no tensor 'c'.", error.Message);
    }

    [Fact]
    public void ReadTensor_FileShrankSinceItWasOpened_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path("model.safetensors");
        File.WriteAllBytes(path, Bytes(Good, new byte[9]));
        using var file = SafetensorsFile.Open(path);
        using (var truncate = Process.Start("truncate", ["--size=-5", path])) truncate.WaitForExit(); // .NET locks the file against itself

        var error = Assert.Throws<ModelPackageException>(() => file.ReadTensor("a"));

        Assert.Contains("in the middle of its data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingFile_NamesIt()
    {
        var error = Assert.Throws<ModelPackageException>(() => SafetensorsFile.Open("/nowhere/model.safetensors"));

        Assert.StartsWith("/nowhere/model.safetensors: the file is missing from the package", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[]""", 0, "the safetensors header is a JSON Array")]
    [InlineData("""{"a":""", 0, "the safetensors header is not valid JSON")]
    [InlineData("""{"\ud800":{}}""", 0, "the safetensors header is not valid JSON")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}""", 2, "'a'")]
    [InlineData("""{"__metadata__":{"step":7}}""", 0, "'__metadata__' has a Number at 'step', expected String")]
    [InlineData("""{"__metadata__":7}""", 0, "'__metadata__' is a JSON Number, expected Object")]
    [InlineData("""{"a":7}""", 0, "tensor 'a' is a JSON Number")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,1]}}""", 1, "tensor 'a' has no dtype")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "tensor 'a' has dtype F8_E4M3; supported are F32, F16")]
    [InlineData("""{"a":{"dtype":"I8","shape":[-1],"data_offsets":[0,1]}}""", 1, "tensor 'a' has no shape of non-negative integers")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1.5],"data_offsets":[0,1]}}""", 1, "tensor 'a' has no shape of non-negative integers")]
    [InlineData("""{"a":{"dtype":"I8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "tensor 'a' has the impossible shape [4294967296, 4294967296]")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[0]}}""", 1, "tensor 'a' has no two data_offsets")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[1,0]}}""", 1, "tensor 'a' ends at byte 0, before its begin 1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor 'a' takes 4 bytes, expected 8 for F32 [2]")]
    [InlineData("""{"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"I8","shape":[2],"data_offsets":[1,3]}}""", 3, "tensor 'b' begins at byte 1 where the one before it ends at 2")]
    [InlineData("""{"a":{"dtype":"I8","shape":[2],"data_offsets":[1,3]}}""", 3, "tensor 'a' begins at byte 1 where the one before it ends at 0")]
    [InlineData("""{"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}""", 1, "tensor 'a' ends at byte 2, but the file has only 1 bytes of data: it is truncated")]
    [InlineData("""{"a":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}""", 3, "1 bytes follow the last tensor")]
    public void Read_BrokenHeader_NamesFileAndProblem(string header, int dataLength, string problem)
    {
        var error = Assert.Throws<ModelPackageException>(() => SafetensorsFile.Read(Bytes(header, new byte[dataLength]), "some.safetensors"));

        Assert.StartsWith("some.safetensors: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "3 bytes are too few")]
    [InlineData(new byte[] { 255, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "claims a header of 255 bytes")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, (byte)'{' }, "claims a header of 18446744073709551615 bytes")]
    public void Read_BrokenLength_SaysSo(byte[] bytes, string problem)
    {
        var error = Assert.Throws<ModelPackageException>(() => SafetensorsFile.Read(bytes, "some.safetensors"));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MutatedFile_IsReadOrRefused()
    {
        var good = Bytes(Good, new byte[9]);
        var mutation = ArbMap.Default.ArbFor<(ushort Position, byte Value, byte Kind)[]>();
        Prop.ForAll(mutation, mutations =>
        {
            var bytes = mutations.Aggregate(good, Mutate);
            try
            {
                using var scope = NewDisposeScope();
                using var file = SafetensorsFile.Read(bytes, "memory");
                foreach (var name in file.Entries.Keys) file.ReadTensor(name);
            }
            catch (ModelPackageException)
            {
                // refused, as it may be
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    // Sets, inserts or removes a byte, or cuts the file; printable bytes are more likely to leave JSON.
    private static byte[] Mutate(byte[] bytes, (ushort Position, byte Value, byte Kind) mutation)
    {
        if (bytes.Length == 0) return bytes;
        var at = mutation.Position % bytes.Length;
        var value = mutation.Kind < 200 ? (byte)Good[mutation.Value % Good.Length] : mutation.Value;
        return (mutation.Kind % 8) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. bytes[(at + 1)..]],
            2 or 3 => [.. bytes[..at], value, .. bytes[at..]],
            _ => [.. bytes[..at], value, .. bytes[(at + 1)..]],
        };
    }

    private static byte[] Bytes(string header, byte[] data) =>
        [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. data];
}
