using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Weights;

public sealed class SafetensorsWriterTests
{
    private static readonly ScalarType[] Dtypes =
    [
        ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float64, ScalarType.Int64, ScalarType.Int32,
        ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    private static Arbitrary<Content[]> Contents
    {
        get
        {
            var content =
                from name in ArbMap.Default.GeneratorFor<NonWhiteSpaceString>()
                from dtype in Gen.Elements(Dtypes)
                from shape in Gen.Choose(0, 3).Select(size => (long)size).ArrayOf()
                where shape.Length <= 4
                select new Content(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name.Get)), dtype, shape);
            return content.ArrayOf().Select(all => all.DistinctBy(one => one.Name).ToArray()).ToArbitrary();
        }
    }

    [Fact]
    public void WriteFile_ThatFails_LeavesTheFileAsItWas()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder.Root, "weights.safetensors");
        SafetensorsWriter.WriteFile(path, [("a", ones(2))]);
        var before = File.ReadAllBytes(path);

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.WriteFile(path, [("a", zeros(2)), ("a", zeros(2))]));

        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void Write_AnyTensors_ReadBackTheSame() => Prop.ForAll(Contents, contents =>
    {
        using var scope = NewDisposeScope();
        (string Name, Tensor Value)[] tensors = [.. contents.Select(content => (content.Name, content.Create()))];

        using var file = SafetensorsFile.Read(Write(tensors), "memory");

        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(), file.Entries.Keys.Order());
        Assert.All(tensors, tensor =>
        {
            var read = file.ReadTensor(tensor.Name);
            Assert.Equal(tensor.Value.dtype, read.dtype);
            Assert.Equal(tensor.Value.shape, read.shape);
            Assert.Equal(tensor.Value.bytes.ToArray(), read.bytes.ToArray());
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Write_KnownTensors_GivesTheFormatsBytes()
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string> { ["step"] = "7", ["format"] = "pt" };

        var bytes = Write([("flag", tensor(new byte[] { 9 })), ("w", tensor(new[] { 1f, -2f }))], metadata);

        // The wider type first; the header ends in blanks, so that the data begins at a multiple of 8.
        const string Header =
            """{"__metadata__":{"format":"pt","step":"7"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"flag":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}""";
        var padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        Assert.Equal(
            [.. BitConverter.GetBytes((long)padded.Length), .. Encoding.UTF8.GetBytes(padded), .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(-2f), 9],
            bytes);
    }

    [Fact]
    public void Write_NonContiguousTensor_WritesItsElementsInOrder()
    {
        using var scope = NewDisposeScope();
        var value = arange(Held(0), Held(6), One, dtype: ScalarType.Float32).view(2, 3).transpose(0, 1);

        using var file = SafetensorsFile.Read(Write([("t", value)]), "memory");

        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], file.ReadTensor("t").data<float>().ToArray());
    }

    [Fact]
    public void Write_TensorOfMoreThanOneChunk_ReadsBackWithAndWithoutConversion()
    {
        const int Count = (1 << 26) + 3; // a chunk is 2^26 bytes
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var value = zeros(Count, dtype: ScalarType.Byte);
        var pattern = value.bytes;
        for (var i = 0; i < Count; i++) pattern[i] = (byte)(i % 251);
        using (var stream = File.Create(folder.Path("big.safetensors"))) SafetensorsWriter.Write(stream, [("t", value)]);

        using var file = SafetensorsFile.Open(folder.Path("big.safetensors"));
        var wider = zeros(Count, dtype: ScalarType.Int16);
        file.CopyTo("t", wider);

        Assert.True(file.ReadTensor("t").bytes.SequenceEqual(pattern));
        Assert.True(wider.to(ScalarType.Byte).bytes.SequenceEqual(pattern));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("__metadata__", "b")]
    public void Write_NameThatIsTaken_Throws(string first, string second)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => Write([(first, ones(1)), (second, ones(1))]));

        Assert.Contains($"'{first}' is taken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TypeThatTheFormatLacks_SaysWhichItHas()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => Write([("c", zeros(1, dtype: ScalarType.ComplexFloat32))]));

        Assert.Contains("F32, F16, BF16", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Write((string Name, Tensor Value)[] tensors, Dictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        Assert.Equal(SafetensorsWriter.Write(stream, tensors, metadata), stream.Length);
        return stream.ToArray();
    }

    internal sealed record Content(string Name, ScalarType Dtype, long[] Shape)
    {
        public Tensor Create()
        {
            using var generator = new Generator((ulong)Name.Length);
            return (randn(Shape, dtype: ScalarType.Float32, generator: generator) * Held(100)).to(Dtype);
        }

        public override string ToString() => $"{Name}: {Dtype} [{string.Join(", ", Shape)}]";
    }
}
