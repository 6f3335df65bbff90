using System.Xml.Linq;
using Imagic.Imaging;
using Imagic.Marks.Containers;
using Imagic.Marks.Credentials;
using Imagic.Marks.Tests.Credentials;
using Imagic.Marks.Xmp;

namespace Imagic.Marks.Tests.Xmp;

public class XmpWriterTests
{
    private static readonly XmpRecord Record = new(Provenance.CompositeWithTrainedAlgorithmicMedia, "Imagic 0.1.0", "emoji-64 <&>", "00ff");

    public static TheoryData<ImageFormat, int> Files => new()
    {
        { ImageFormat.Png, 64 }, { ImageFormat.Jpeg, 64 }, { ImageFormat.WebP, 64 }, { ImageFormat.WebP, 61 },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Write_IsReadAgainAndLeavesThePicture(ImageFormat format, int width)
    {
        var bare = Scenes.File(format, width);

        var file = XmpWriter.Write(bare, Record);

        Assert.Equal(Record, XmpReader.Read(file));
        Assert.Equal(ImageCodec.Decode(bare, ImageLimits.Default).Pixels, ImageCodec.Decode(file, ImageLimits.Default).Pixels);
        Assert.Equal(ImageHeader.Read(bare), ImageHeader.Read(file));
        Assert.Equal(file, XmpWriter.Write(XmpWriter.Write(bare, new("other", null)), Record));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Write_IsXmlByTheNamesOfTheStandard(ImageFormat format, int width)
    {
        var packet = PictureFile.Open(XmpWriter.Write(Scenes.File(format, width), Record)).Xmp!.Value;

        var description = Assert.Single(XDocument.Load(new MemoryStream(packet.ToArray())).Descendants("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"));
        Assert.Equal(
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
            description.Element("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType")!.Value);
        Assert.Equal("Imagic 0.1.0", description.Element("{http://ns.adobe.com/xap/1.0/}CreatorTool")!.Value);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Credentials_OverXmp_Hold(ImageFormat format, int width)
    {
        var made = new Provenance(CredentialsSource.Of("photo.jpg", Scenes.File(ImageFormat.Jpeg)), Provenance.Edited, Record.DigitalSourceType, "suggested.png");
        var file = CredentialsWriter.Write(XmpWriter.Write(Scenes.File(format, width), Record), made, SelfMadeSigner.Create(TimeProvider.System), TimeProvider.System);

        Assert.Equal("Valid", (await Judge.AskAsync(format, file)).State);
        Assert.Equal(Record, XmpReader.Read(file));
        Assert.Empty(CredentialsReader.Read(file).Problems);
    }

    [Fact]
    public void Read_TakesAttributesToo()
    {
        const string Packet =
            """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="A camera"/></rdf:RDF></x:xmpmeta>""";

        Assert.Equal(new(null, "A camera"), XmpReader.Read(PictureFile.Open(Scenes.File(ImageFormat.Png)).WithXmp(System.Text.Encoding.UTF8.GetBytes(Packet))));
    }

    [Fact]
    public void Read_DoesNotFollowEntities()
    {
        const string Packet = """<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>""";

        Assert.Null(XmpReader.Read(PictureFile.Open(Scenes.File(ImageFormat.Png)).WithXmp(System.Text.Encoding.UTF8.GetBytes(Packet))));
    }
}
