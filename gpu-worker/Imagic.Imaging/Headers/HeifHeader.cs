namespace Imagic.Imaging.Headers;

/// <summary>AVIF and HEIF: boxes of the ISO base media file format (ISO/IEC 14496-12) with the item properties of
/// ISO/IEC 23008-12.</summary>
static class HeifHeader
{
    /// <summary>Version and flags in front of a "full" box's content.</summary>
    const int FullBoxHeader = 4;

    /// <summary>From the ftyp box: AVIF where any brand says so, HEIF for HEVC's brands, null for anything else.</summary>
    public static ImageFormat? Brand(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes, ImageFormat.Heif);
        var length = Math.Min(reader.U32Big(), bytes.Length);
        ImageFormat? found = null;
        for (var at = 8; at + 4 <= length; at += 4)
        {
            var brand = bytes.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
                return ImageFormat.Avif;
            if (brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.SequenceEqual("mif1"u8))
                found = ImageFormat.Heif;
        }
        return found;
    }

    public static ImageHeader Read(ReadOnlySpan<byte> bytes, ImageFormat format)
    {
        var meta = Content(bytes, "meta"u8, format);
        if (meta.Length < FullBoxHeader)
            throw ImageException.CutOff(format);
        meta = meta[FullBoxHeader..];
        var iprp = Content(meta, "iprp"u8, format);
        var properties = Content(iprp, "ipco"u8, format);

        int width = 0, height = 0, orientation = 1, bands = 3;
        foreach (var index in PropertiesOf(PrimaryItem(meta, format), iprp, format))
        {
            var property = Property(properties, index, format);
            var content = new HeaderReader(property.Content, format);
            if (property.Type.SequenceEqual("ispe"u8))
            {
                content.Skip(FullBoxHeader);
                (width, height) = (Clamp(content.U32Big()), Clamp(content.U32Big()));
            }
            else if (property.Type.SequenceEqual("pixi"u8))
            {
                content.Skip(FullBoxHeader);
                bands = content.U8();
            }
            else if (property.Type.SequenceEqual("irot"u8)) // quarter turns anticlockwise
                orientation = (content.U8() & 3) switch { 1 => 8, 2 => 3, 3 => 6, _ => 1 };
        }
        var alpha = properties.IndexOf("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"u8) >= 0;
        return new ImageHeader(format, width, height, orientation, bands + (alpha ? 1 : 0), alpha);
    }

    static int Clamp(uint value) => (int)Math.Min(value, int.MaxValue);

    static uint PrimaryItem(ReadOnlySpan<byte> meta, ImageFormat format)
    {
        var pitm = new HeaderReader(Content(meta, "pitm"u8, format), format);
        var version = pitm.U32Big() >> 24;
        return version == 0 ? pitm.U16Big() : pitm.U32Big();
    }

    /// <summary>Which boxes in ipco, counted from 1, belong to the item: the box ipma.</summary>
    static List<int> PropertiesOf(uint item, ReadOnlySpan<byte> iprp, ImageFormat format)
    {
        var ipma = new HeaderReader(Content(iprp, "ipma"u8, format), format);
        var versionAndFlags = ipma.U32Big();
        var (longIds, longIndices) = (versionAndFlags >> 24 > 0, (versionAndFlags & 1) != 0);
        List<int> indices = [];
        for (var entries = ipma.U32Big(); entries > 0; entries--)
        {
            var id = longIds ? ipma.U32Big() : ipma.U16Big();
            for (var count = ipma.U8(); count > 0; count--)
            {
                var index = longIndices ? ipma.U16Big() & 0x7FFF : ipma.U8() & 0x7F; // the top bit says "essential"
                if (id == item)
                    indices.Add(index);
            }
        }
        return indices;
    }

    static Box Property(ReadOnlySpan<byte> properties, int index, ImageFormat format)
    {
        var reader = new HeaderReader(properties, format);
        for (var i = 1; reader.Left > 0; i++)
        {
            var box = NextBox(ref reader, format);
            if (i == index)
                return box;
        }
        return default;
    }

    /// <summary>The content of the first box of this type at this level.</summary>
    static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> wanted, ImageFormat format)
    {
        var reader = new HeaderReader(boxes, format);
        while (true)
        {
            var box = NextBox(ref reader, format);
            if (box.Type.SequenceEqual(wanted))
                return box.Content;
        }
    }

    readonly ref struct Box(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        public ReadOnlySpan<byte> Type { get; } = type;

        public ReadOnlySpan<byte> Content { get; } = content;
    }

    static Box NextBox(scoped ref HeaderReader reader, ImageFormat format)
    {
        long length = reader.U32Big();
        var type = reader.Take(4);
        var header = 8;
        if (length == 1) // a 64-bit length follows
        {
            length = (long)((ulong)reader.U32Big() << 32 | reader.U32Big());
            header = 16;
        }
        if (length == 0) // up to the end
            length = reader.Left + header;
        if (length < header)
            throw ImageException.Corrupt(format, "has a box of impossible length");
        return new Box(type, reader.Take(length - header));
    }
}
