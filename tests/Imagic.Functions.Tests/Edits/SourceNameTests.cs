using Imagic.Functions.Edits;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Tests.Edits;

public class SourceNameTests
{
    private static readonly Uri Azure = new("https://imagic.blob.core.windows.net/");
    private static readonly Uri Emulator = new("http://127.0.0.1:10000/devstoreaccount1");

    [Theory]
    [InlineData("cat.png", "cat.png")]
    [InlineData("shop/2026/cat 1.png", "shop/2026/cat 1.png")]
    [InlineData("..cat..png", "..cat..png")]
    [InlineData("100%25.png", "100%25.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/shop/cat.png", "shop/cat.png")]
    [InlineData("https://IMAGIC.blob.core.windows.net:443/uploads/cat%20%C3%BC.png", "cat ü.png")]
    public void Parse_OfAPicture_GivesItsName(string source, string name) =>
        Assert.Equal(new("uploads", name), SourceName.Parse(source, Azure));

    [Theory]
    [InlineData("tickets/0193/cat.png")]
    [InlineData("https://imagic.blob.core.windows.net/tickets/0193/cat.png")]
    public void Parse_OfAPictureByKey_GivesItsPlace(string source) =>
        Assert.Equal(new("tickets", "0193/cat.png"), SourceName.Parse(source, Azure));

    [Fact]
    public void Parse_OfTheAddressOfAReservedName_IsRefused() =>
        AssertRefused("reserved-name", "https://imagic.blob.core.windows.net/uploads/tickets/cat.png");

    [Fact]
    public void Parse_OfAnAddressInTheEmulator_GivesItsName() =>
        Assert.Equal(new("uploads", "a/cat.png"), SourceName.Parse("http://127.0.0.1:10000/devstoreaccount1/uploads/a/cat.png", Emulator));

    [Theory]
    [InlineData("http://imagic.blob.core.windows.net/uploads/cat.png")] // not the scheme
    [InlineData("https://imagic.blob.core.windows.net:8443/uploads/cat.png")]
    [InlineData("https://imagic2.blob.core.windows.net/uploads/cat.png")]
    [InlineData("https://imagic.blob.core.windows.net.example.org/uploads/cat.png")]
    [InlineData("https://imagic.blob.core.windows.net@example.org/uploads/cat.png")]
    [InlineData("https://user:word@imagic.blob.core.windows.net/uploads/cat.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/cat.png?sig=abc")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/cat.png#x")]
    [InlineData("https://imagic.blob.core.windows.net/edits/cat-1/source")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/../edits/cat-1/source")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/%2e%2e/edits/cat-1/source")]
    [InlineData("https://imagic.blob.core.windows.net/uploads2/cat.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads")]
    [InlineData("http://localhost/uploads/cat.png")]
    [InlineData("http://169.254.169.254/uploads/cat.png")]
    [InlineData("gopher://imagic.blob.core.windows.net/uploads/cat.png")]
    [InlineData("file:///uploads/cat.png")]
    [InlineData("https://")]
    public void Parse_OfAnAddressElsewhere_IsRefused(string source) => AssertRefused("foreign-source", source);

    [Theory]
    [InlineData("")]
    [InlineData("/cat.png")]
    [InlineData("//example.org/cat.png")]
    [InlineData("cat.png/")]
    [InlineData("cat.")]
    [InlineData("a//cat.png")]
    [InlineData("./cat.png")]
    [InlineData("a/../../edits/x/source")]
    [InlineData("..")]
    [InlineData(@"a\cat.png")]
    [InlineData(@"https:\\imagic.blob.core.windows.net\uploads\cat.png")]
    [InlineData("cat\n.png")]
    [InlineData("cat\u0085.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/a%5Ccat.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/a%2F..%2Fcat.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/cat%00.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/cat%FF.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/cat%ED%A0%80.png")]
    [InlineData("tickets/")]
    [InlineData("tickets/../uploads/cat.png")]
    [InlineData("https://imagic.blob.core.windows.net/uploads/")]
    public void Parse_OfNoName_IsRefused(string source) => AssertRefused("invalid-source", source);

    [Fact]
    public void Parse_OfHalfACharacter_IsRefused() => AssertRefused("invalid-source", "cat\ud800.png");

    private static void AssertRefused(string code, string source)
    {
        var problem = Assert.Throws<RequestProblemException>(() => SourceName.Parse(source, Azure));
        Assert.Equal((code, 400, "source"), (problem.Code, problem.Status, problem.Member));
    }
}
