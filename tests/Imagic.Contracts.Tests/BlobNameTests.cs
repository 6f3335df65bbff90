namespace Imagic.Contracts.Tests;

public class BlobNameTests
{
    [Theory]
    [InlineData("cat.png")]
    [InlineData("shop/2026/cat 1.png")]
    [InlineData("..cat..png")]
    [InlineData("猫 %2F?.png")]
    public void Problem_OfAName_IsNone(string name) => Assert.Null(BlobName.Problem(name));

    [Theory]
    [InlineData("", "0 characters")]
    [InlineData("/cat.png", "'/'")]
    [InlineData("a//cat.png", "empty")]
    [InlineData("a/../cat.png", "'..'")]
    [InlineData(".", "'.'")]
    [InlineData(@"a\cat.png", "backslash")]
    [InlineData("cat\n.png", "control")]
    [InlineData("cat.", "dot")]
    public void Problem_OfWhatClientsReadDifferently_SaysWhat(string name, string part) =>
        Assert.Contains(part, BlobName.Problem(name), StringComparison.Ordinal);

    [Fact]
    public void OfFile_CutInTheMiddleOfACharacter_IsWhole() =>
        Assert.True(Utf8Text.IsWhole(BlobName.OfFile(string.Concat(Enumerable.Repeat("😀", 300)) + "a.png")));

    [Fact]
    public void Name_WithHalfOfACharacter_IsRefused() => Assert.Contains("surrogate", BlobName.Problem("a\ud83d.png"), StringComparison.Ordinal);

    [Fact]
    public void Problem_OfALongName_LeavesRoomForNamesMadeFromIt()
    {
        Assert.Null(BlobName.Problem(new('x', BlobName.MaxLength)));
        Assert.NotNull(BlobName.Problem(new('x', BlobName.MaxLength + 1)));
        Assert.True(BlobName.MaxLength + StoragePaths.ProblemSuffix.Length <= 1024);
    }

    [Theory]
    [InlineData("cat.png", "cat.png")]
    [InlineData("../../My Photo.JPG", "My Photo.JPG")]
    [InlineData(@"C:\pets\cat.png", "cat.png")]
    [InlineData("cat\n.png", "cat.png")]
    [InlineData("..", "picture")]
    [InlineData("", "picture")]
    [InlineData("folder/", "picture")]
    public void OfFile_OfAnything_IsOneSegmentThatIsAccepted(string file, string name)
    {
        Assert.Equal(name, BlobName.OfFile(file));
        Assert.Null(BlobName.Problem(name));
    }

    [Fact]
    public void OfFile_OfALongName_KeepsItsEnding() => Assert.EndsWith("x.png", BlobName.OfFile(new string('x', 500) + ".png"), StringComparison.Ordinal);
}
