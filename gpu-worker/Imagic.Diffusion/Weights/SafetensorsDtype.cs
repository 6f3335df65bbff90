using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>The format's dtype names and the element types that torch has for them.</summary>
internal static class SafetensorsDtype
{
    private static readonly (string Name, ScalarType Type, int Size)[] Table =
    [
        ("F32", ScalarType.Float32, 4),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("F64", ScalarType.Float64, 8),
        ("I64", ScalarType.Int64, 8),
        ("I32", ScalarType.Int32, 4),
        ("I16", ScalarType.Int16, 2),
        ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1),
        ("BOOL", ScalarType.Bool, 1),
    ];

    public static string Names => string.Join(", ", Table.Select(row => row.Name));

    public static ScalarType? Parse(string name) => Array.Find(Table, row => row.Name == name) switch
    {
        (null, _, _) => null,
        var row => row.Type,
    };

    public static string NameOf(ScalarType type) => Row(type).Name;

    public static int ElementSize(ScalarType type) => Row(type).Size;

    private static (string Name, ScalarType Type, int Size) Row(ScalarType type) =>
        Array.Find(Table, row => row.Type == type) is { Name: not null } row
            ? row
            : throw new ArgumentException($"safetensors has no {type} tensors; it has {Names}.");
}
