using Azure;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Stages;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Worker.Leases;
using Imagic.Worker.Messages;

namespace Imagic.Worker.Tests.Messages;

public class DispositionTests
{
    private static readonly EditId Id = EditId.Parse("an-edit");

    private static readonly EditRecord Queued = new()
    {
        EditId = Id, Created = DateTimeOffset.UnixEpoch, RequestHash = "", Model = "", Settings = MicroEdit.Settings,
        Source = new("", "", 0, "", 1, 1), Stage = EditStage.FineTune,
    };

    private static readonly EditRecord Running = Queued with
    {
        State = EditState.Running, Claim = new("other", "message-1", DateTimeOffset.UnixEpoch),
    };

    [Fact]
    public void Of_AQueuedEdit_IsToClaimIt() => Assert.IsType<Disposition.Claim>(Decide(Queued));

    [Theory]
    [InlineData(EditState.Succeeded)]
    [InlineData(EditState.Failed)]
    [InlineData(EditState.Cancelled)]
    public void Of_AnEndedEdit_IsToConclude(EditState state) => Assert.IsType<Disposition.Conclude>(Decide(Queued with { State = state }));

    [Fact]
    public void Of_AStageThatIsDone_IsToDropTheMessage() => Assert.IsType<Disposition.Acknowledge>(Decide(Queued with { Stage = EditStage.Sample }));

    [Fact]
    public void Of_AStageWhoseTurnHasNotCome_IsToWait() => Assert.IsType<Disposition.Wait>(Decide(Queued with { Stage = EditStage.Optimize }));

    [Fact]
    public void Of_TheMessageInWhosePlaceAnEarlierStageWasAskedFor_IsToAskForThatAgain()
    {
        var back = Queued with { Stage = EditStage.Optimize, Restart = new(1, "message-1", "lost") };

        Assert.IsType<Disposition.SendBack>(Decide(back));
        Assert.IsType<Disposition.Wait>(Decide(back, "message-2"));
        Assert.IsType<Disposition.Claim>(Decide(back with { Stage = EditStage.FineTune }));
    }

    [Fact]
    public void Of_AnotherMessageThanTheHolders_IsToDropIt() => Assert.IsType<Disposition.Acknowledge>(Decide(Running, "message-2"));

    [Fact]
    public void Of_TheHoldersOwnMessage_IsToTakeOver() => Assert.IsType<Disposition.Claim>(Decide(Running, "message-1"));

    [Fact]
    public void Of_ARecordThatNobodyWritesAnyMore_IsToTakeOver() =>
        Assert.IsType<Disposition.Claim>(Decide(Running, "message-2", age: MicroEdit.Options.Visibility * 2));

    [Fact]
    public void Of_TooManyAttempts_IsToGiveUp() => Assert.IsType<Disposition.GiveUp>(Decide(Queued with { Attempts = 5 }));

    [Fact]
    public void Of_AMessageWithoutRecord_IsToWaitLongerEachTimeAndThenToDiscard()
    {
        var waits = Enumerable.Range(1, 11).Select(deliveries => Assert.IsType<Disposition.Wait>(Decide(null, deliveries: deliveries)).Delay).ToList();

        Assert.Equal([1, 2, 4, 8, 16, 30], waits.Take(6).Select(wait => wait.TotalSeconds));
        Assert.InRange(waits.Aggregate((a, b) => a + b), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5));
        Assert.IsType<Disposition.Discard>(Decide(null, deliveries: 12));
    }

    [Fact]
    public void Of_ACascadesTwoTunings_IsToClaimEachByItself()
    {
        const EditStage Super = EditStage.FineTuneSuperResolution;
        var cascade = Queued with { Settings = MicroEdit.CascadeSettings };
        var tuned = cascade with { SuperResolution = new(EditStage.Sample) };

        Assert.IsType<Disposition.Wait>(Decide(cascade with { Stage = EditStage.Optimize }, stage: Super));
        Assert.IsType<Disposition.Claim>(Decide(cascade with { Claim = Running.Claim }, stage: Super));
        Assert.IsType<Disposition.Claim>(Decide(cascade with { SuperResolution = new(Super) { Claim = Running.Claim } }, "message-2"));
        Assert.IsType<Disposition.Acknowledge>(Decide(cascade with { SuperResolution = new(Super) { Claim = Running.Claim } }, "message-2", stage: Super));
        Assert.IsType<Disposition.GiveUp>(Decide(cascade with { SuperResolution = new(Super) { Attempts = 5 } }, stage: Super));
        Assert.IsType<Disposition.Acknowledge>(Decide(tuned, stage: Super));
        Assert.IsType<Disposition.Wait>(Decide(cascade with { Stage = EditStage.Sample }, stage: EditStage.Sample));
        Assert.IsType<Disposition.SendBack>(Decide(cascade with { Stage = EditStage.Sample, Restart = new(1, "message-1", "lost") }, stage: EditStage.Sample));
        Assert.IsType<Disposition.Claim>(Decide(tuned with { Stage = EditStage.Sample }, stage: EditStage.Sample));
    }

    [Fact]
    public void Of_AStageThatTheEditDoesNotHave_IsToDropTheMessage() =>
        Assert.IsType<Disposition.Acknowledge>(Decide(Queued, stage: EditStage.FineTuneSuperResolution));

    private static Disposition Decide(
        EditRecord? record, string messageId = "message-1", TimeSpan age = default, int deliveries = 1, EditStage stage = EditStage.FineTune) => Disposition.Of(
        new(Id, stage), messageId, deliveries, record is null ? null : new Stored<EditRecord>(record, new ETag("x"), age), MicroEdit.Options);
}
