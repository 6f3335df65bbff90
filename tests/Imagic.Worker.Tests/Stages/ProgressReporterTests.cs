using Imagic.Worker.Stages;

namespace Imagic.Worker.Tests.Stages;

public class ProgressReporterTests
{
    // The last is a report that failed after all retries: 16 s without storage were 308 s without a cancel.
    [Theory]
    [InlineData(0.001, 1)]
    [InlineData(0.03, 3)]
    [InlineData(0.2, 5)]
    [InlineData(10.3, 5)]
    public void PauseAfter_AReport_KeepsItsShareAndNeverDeafensTheWorker(double report, double pause) =>
        Assert.Equal(pause, ProgressReporter.PauseAfter(TimeSpan.FromSeconds(report)).TotalSeconds, 3);
}
