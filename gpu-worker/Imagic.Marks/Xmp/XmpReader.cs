using System.Xml;
using System.Xml.Linq;
using Imagic.Imaging;
using Imagic.Marks.Containers;

namespace Imagic.Marks.Xmp;

/// <summary>Reads XMP.</summary>
public static class XmpReader
{
    private const int MostCharacters = 1024 * 1024, MostDeep = 64;

    /// <summary>Reads that of a PNG, JPEG or WebP; null where there is none, or none that says where the picture is from.
    /// Any bytes may be given: nothing is thrown.</summary>
    public static XmpRecord? Read(ReadOnlyMemory<byte> file)
    {
        try
        {
            return PictureFile.Open(file).Xmp is { } packet ? Read(packet.ToArray()) : null;
        }
        catch (Exception exception) when (exception is ImageException or XmlException or FormatException)
        {
            return null;
        }
    }

    private static XmpRecord? Read(byte[] packet)
    {
        // Properties are elements, or attributes of a description.
        var found = new Dictionary<XName, string>();
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostCharacters };
        using var reader = XmlReader.Create(new MemoryStream(packet), settings);
        XName? open = null;
        while (reader.Read())
        {
            if (reader.Depth > MostDeep) return null;
            if (reader.NodeType == XmlNodeType.Element)
            {
                open = reader.IsEmptyElement ? null : XName.Get(reader.LocalName, reader.NamespaceURI);
                while (reader.MoveToNextAttribute())
                    found.TryAdd(XName.Get(reader.LocalName, reader.NamespaceURI), reader.Value);
            }
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && open is not null)
            {
                found.TryAdd(open, reader.Value);
            }
        }

        var record = new XmpRecord(Of(XmpNames.DigitalSourceType), Of(XmpNames.CreatorTool), Of(XmpNames.Model), Of(XmpNames.Settings));
        return record == new XmpRecord(null, null) ? null : record;

        string? Of(XName name) => found.GetValueOrDefault(name);
    }
}
