using Imagic.Imaging;

namespace Imagic.Marks.Containers;

/// <summary>A PNG, JPEG or WebP as a row of pieces that fill it: what marks are, and what is left alone.</summary>
/// <param name="format">Which of them.</param>
/// <param name="bytes">The whole file.</param>
internal abstract class PictureFile(ImageFormat format, ReadOnlyMemory<byte> bytes)
{
    protected enum PieceKind
    {
        Other,
        Manifest,
        Xmp,
    }

    public ImageFormat Format { get; } = format;

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>The C2PA manifest store; null where there is none.</summary>
    public ReadOnlyMemory<byte>? ManifestStore => Joined(PieceKind.Manifest, join: true);

    /// <summary>The XMP packet, UTF-8; null where there is none.</summary>
    public ReadOnlyMemory<byte>? Xmp => Joined(PieceKind.Xmp, join: false);

    /// <summary>What the store takes up, its wrapping included; null where there is none, or where it is not in one place.</summary>
    public (int Start, int Length)? ManifestRange
    {
        get
        {
            var pieces = Pieces.Where(piece => piece.Kind == PieceKind.Manifest).ToList();
            if (pieces.Count == 0 || pieces.Zip(pieces.Skip(1)).Any(pair => pair.First.Start + pair.First.Length != pair.Second.Start)) return null;
            return (pieces[0].Start, pieces.Sum(piece => piece.Length) - PaddingOf(pieces[^1]));
        }
    }

    protected List<Piece> Pieces { get; } = [];

    /// <summary>Takes a file apart, any bytes.</summary>
    /// <exception cref="ImageException">It is no PNG, JPEG or WebP, or is cut off.</exception>
    public static PictureFile Open(ReadOnlyMemory<byte> bytes) => bytes.Span switch
    {
        var span when span.StartsWith(PngContainer.Signature) => new PngContainer(bytes),
        [0xFF, 0xD8, ..] => new JpegContainer(bytes),
        var span when span.Length >= 12 && span.StartsWith("RIFF"u8) && span[8..].StartsWith("WEBP"u8) => new WebPContainer(bytes),
        _ => throw new ImageException(ImageProblem.UnsupportedFormat, "The file is no PNG, JPEG or WebP, which are the formats that carry marks here."),
    };

    /// <summary>The file with this packet instead of its own.</summary>
    public byte[] WithXmp(ReadOnlySpan<byte> packet) => Rebuild(PieceKind.Xmp, WrapXmp(packet));

    /// <summary>The file without a manifest store; itself where it has none.</summary>
    public PictureFile WithoutManifest() => Pieces.Any(piece => piece.Kind == PieceKind.Manifest) ? Open(Rebuild(PieceKind.Manifest, [])) : this;

    /// <summary>The file with this manifest store instead of its own.</summary>
    public byte[] WithManifest(ReadOnlySpan<byte> store) => Rebuild(PieceKind.Manifest, WrapManifest(store));

    /// <summary>Where a manifest store is put into a file that has none, and how long it is there.</summary>
    public abstract (int Start, int Length) RangeOf(int storeLength);

    protected abstract byte[] WrapManifest(ReadOnlySpan<byte> store);

    protected abstract byte[] WrapXmp(ReadOnlySpan<byte> packet);

    /// <summary>Puts the wrapped mark where it belongs.</summary>
    protected abstract void Insert(List<ReadOnlyMemory<byte>> kept, PieceKind kind, byte[] wrapped);

    /// <summary>Sets right what depends on the whole, such as lengths.</summary>
    protected virtual void Finish(byte[] file)
    {
    }

    /// <summary>Bytes at its end that belong to the container, not to the mark.</summary>
    protected virtual int PaddingOf(Piece piece) => 0;

    protected static ImageException CutOff(ImageFormat format) =>
        new(ImageProblem.Corrupt, $"The {format.Name()} file is damaged: it ends too early. Send the original file again.");

    private byte[] Rebuild(PieceKind kind, byte[] wrapped)
    {
        var kept = Pieces.Where(piece => piece.Kind != kind).Select(piece => Bytes.Slice(piece.Start, piece.Length)).ToList();
        if (wrapped.Length > 0) Insert(kept, kind, wrapped);
        var file = new byte[kept.Sum(piece => piece.Length)];
        var at = 0;
        foreach (var piece in kept)
        {
            piece.Span.CopyTo(file.AsSpan(at));
            at += piece.Length;
        }

        Finish(file);
        return file;
    }

    private ReadOnlyMemory<byte>? Joined(PieceKind kind, bool join)
    {
        var contents = Pieces.Where(piece => piece.Kind == kind).Select(piece => Bytes.Slice(piece.ContentStart, piece.ContentLength)).ToList();
        if (contents.Count == 0) return null;
        if (contents.Count == 1 || !join) return contents[0];
        var joined = new byte[contents.Sum(content => content.Length)];
        var at = 0;
        foreach (var content in contents)
        {
            content.Span.CopyTo(joined.AsSpan(at));
            at += content.Length;
        }

        return joined;
    }

    /// <summary>A part of the file.</summary>
    /// <param name="Start">First byte.</param>
    /// <param name="Length">Bytes.</param>
    /// <param name="Kind">Whose it is.</param>
    /// <param name="ContentStart">First byte of a mark without its wrapping.</param>
    /// <param name="ContentLength">Bytes of that.</param>
    protected readonly record struct Piece(int Start, int Length, PieceKind Kind = PieceKind.Other, int ContentStart = 0, int ContentLength = 0);
}
