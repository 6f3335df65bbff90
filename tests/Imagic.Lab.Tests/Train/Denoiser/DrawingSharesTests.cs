using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Denoiser;

namespace Imagic.Lab.Tests.Train.Denoiser;

public sealed class DrawingSharesTests
{
    [Fact]
    public void Of_GivesTonesOfAConceptTogetherAsMuchAsOneDrawing_AndAFlagAThird()
    {
        DataSetItem[] items = [Item("ghost", "smileys-emotion"), .. Enumerable.Repeat(Item("waving hand", "people-body"), 6), Item("flag: Malta", "flags")];

        var shares = DrawingShares.Of(items).CountBy(index => index).OrderBy(share => share.Key).Select(share => share.Value);

        Assert.Equal([12, 2, 2, 2, 2, 2, 2, 4], shares);
    }

    private static DataSetItem Item(string concept, string group) => new("noto", concept, concept, "0", group, [], [], DataSetSplit.Training);
}
