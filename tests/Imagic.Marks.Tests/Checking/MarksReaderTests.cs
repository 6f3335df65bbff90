using Imagic.Contracts.Results;
using Imagic.Imaging;
using Imagic.Marks.Checking;
using Imagic.Marks.Xmp;

namespace Imagic.Marks.Tests.Checking;

public class MarksReaderTests
{
    [Theory]
    [InlineData("trainedAlgorithmicMedia", true, "says that AI made the picture (trainedAlgorithmicMedia), by Other 1.")]
    [InlineData("compositeWithTrainedAlgorithmicMedia", true, "says that AI made a part of the picture (compositeWithTrainedAlgorithmicMedia), by Other 1.")]
    [InlineData("digitalCapture", false, "says that a camera took the picture (digitalCapture), by Other 1.")]
    [InlineData("minorHumanEdits", false, "says 'minorHumanEdits', by Other 1.")]
    public void Read_OfXmp_SaysInWordsWhatTheStandardsTermMeans(string type, bool isAi, string says)
    {
        var file = XmpWriter.Write(Scenes.File(ImageFormat.Jpeg), new($"http://cv.iptc.org/newscodes/digitalsourcetype/{type}", "Other 1"));

        var finding = Assert.Single(MarksReader.Read(file, ImageLimits.Default).Findings);

        Assert.Equal((MarkLayer.Xmp, MarkCertainty.Claimed, isAi), (finding.Layer, finding.Certainty, finding.SaysAi));
        Assert.Contains(says, finding.Says, StringComparison.Ordinal);
    }
}
