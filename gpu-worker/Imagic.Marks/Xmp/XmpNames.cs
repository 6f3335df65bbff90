using System.Xml.Linq;

namespace Imagic.Marks.Xmp;

/// <summary>Names in XMP (ISO 16684-1), of the IPTC's extension, and ours.</summary>
internal static class XmpNames
{
    public static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

    public static readonly XNamespace Basic = "http://ns.adobe.com/xap/1.0/";

    public static readonly XNamespace Iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";

    public static readonly XNamespace Ours = "urn:imagic-cloud:xmp:1/";

    public static readonly XName DigitalSourceType = Iptc + "DigitalSourceType", CreatorTool = Basic + "CreatorTool", Model = Ours + "Model", Settings = Ours + "Settings";
}
