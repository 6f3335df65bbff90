using System.Text;
using System.Xml;
using System.Xml.Linq;
using Imagic.Imaging;
using Imagic.Marks.Containers;

namespace Imagic.Marks.Xmp;

/// <summary>Writes XMP: what is left where Content Credentials are stripped.</summary>
public static class XmpWriter
{
    private static readonly XNamespace Meta = "adobe:ns:meta/";

    /// <summary>Writes a packet in the place of any that the file has.</summary>
    /// <param name="file">A PNG, JPEG or WebP.</param>
    /// <param name="record">What it says.</param>
    /// <exception cref="ImageException">It is no such file.</exception>
    public static byte[] Write(ReadOnlyMemory<byte> file, XmpRecord record) => PictureFile.Open(file).WithXmp(Packet(record));

    private static byte[] Packet(XmpRecord record)
    {
        var description = new XElement(
            XmpNames.Rdf + "Description",
            new XAttribute(XmpNames.Rdf + "about", ""),
            new XAttribute(XNamespace.Xmlns + "xmp", XmpNames.Basic),
            new XAttribute(XNamespace.Xmlns + "Iptc4xmpExt", XmpNames.Iptc),
            new XAttribute(XNamespace.Xmlns + "imagic", XmpNames.Ours));
        foreach (var (name, value) in ((XName, string?)[])
                 [(XmpNames.DigitalSourceType, record.DigitalSourceType), (XmpNames.CreatorTool, record.CreatorTool), (XmpNames.Model, record.Model), (XmpNames.Settings, record.Settings)])
        {
            // A name of a model is a name of a folder, which may hold what XML cannot.
            if (value is not null) description.Add(new XElement(name, string.Concat(value.Select(letter => XmlConvert.IsXmlChar(letter) ? letter : '\uFFFD'))));
        }

        var packet = new XElement(
            Meta + "xmpmeta", new XAttribute(XNamespace.Xmlns + "x", Meta),
            new XElement(XmpNames.Rdf + "RDF", new XAttribute(XNamespace.Xmlns + "rdf", XmpNames.Rdf), description));
        // The identifier is the same in every packet (ISO 16684-1, 7.3.2).
        return Encoding.UTF8.GetBytes($"<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>{packet.ToString(SaveOptions.DisableFormatting)}<?xpacket end=\"w\"?>");
    }
}
