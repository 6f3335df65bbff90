using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Edits;

public class EditTurnTests
{
    private const EditStage Super = EditStage.FineTuneSuperResolution;

    private static readonly EditClaim Claim = new("worker-1", "message-1", DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData("paper-sd")]
    [InlineData(EditProfile.Cascade)]
    public void MovedOn_InEveryOrderOfTheDueStages_AsksForEachStageOnce(string profile)
    {
        // All ways through the stages that two workers can take: whoever is first to end is chosen each time.
        var record = Record(profile);
        Walk(record, [], [EditStage.Optimize]);

        void Walk(EditRecord record, List<EditStage> done, List<EditStage> asked)
        {
            var due = record.Due().ToList();
            Assert.Equal(due, asked.Except(done).Order());
            if (due is [EditStage.Sample])
            {
                Assert.Equal(record.Settings.Stages(), asked.Order());
                return;
            }

            foreach (var stage in due)
            {
                var ended = record.With(record.StatusOf(stage) with { Done = true });
                Walk(ended.MovedOnFrom(stage), [.. done, stage], [.. asked, .. ended.DueAfter(stage)]);
            }
        }
    }

    [Fact]
    public void DueAfter_TwoTuningsWhoseResultsAreBothThere_IsSampleWhicheverMovesOn()
    {
        var record = Tuning().With(new StageStatus(EditStage.FineTune) { Done = true }).With(new StageStatus(Super) { Done = true });

        Assert.Equal([EditStage.Sample], record.DueAfter(EditStage.FineTune));
        Assert.Equal([EditStage.Sample], record.DueAfter(Super));
    }

    [Fact]
    public void With_TheClaimsOfTwoTurns_IsRunningUntilBothAreGone()
    {
        var one = Tuning().With(Super, new(Super) { Claim = Claim });
        var both = one.With(EditStage.FineTune, one.TurnOf(EditStage.FineTune) with { Claim = Claim, Epoch = 3 });
        var other = both.With(Super, new(Super));

        Assert.Equal(
            [EditState.Running, EditState.Running, EditState.Running, EditState.Queued],
            [one.State, both.State, other.State, other.With(EditStage.FineTune, new(EditStage.FineTune)).State]);
        Assert.Equal((Claim, 3), (both.Claim, both.Epoch));
        Assert.Equal(EditState.Failed, (both with { State = EditState.Failed }).With(Super, new(Super)).State);
    }

    [Fact]
    public void BackAt_OptimizeWhileBothAreTuned_TakesTheBaseFromItsWorkerAndLeavesSuperResolution()
    {
        var record = Tuning().With(new StageStatus(EditStage.Optimize) { Done = true }).With(new StageStatus(Super) { Step = 4 });
        record = record.With(EditStage.FineTune, record.TurnOf(EditStage.FineTune) with { Claim = Claim, Epoch = 2 });

        var back = record.BackAt(EditStage.Optimize);

        Assert.Equal((EditStage.Optimize, 3, null), (back.Stage, back.Epoch, back.Claim));
        Assert.Equal((false, 4), (back.StatusOf(EditStage.Optimize).Done, back.StatusOf(Super).Step));
        Assert.Equal([EditStage.Optimize], back.Due());
    }

    [Fact]
    public void BackAt_SuperResolutionBeforeSampling_MakesThatDueAlone()
    {
        var record = Tuning() with { Stage = EditStage.Sample, SuperResolution = new(EditStage.Sample) { Epoch = 1 } };
        record = record.With(new StageStatus(EditStage.FineTune) { Done = true }).With(new StageStatus(Super) { Done = true, Checkpoint = "x" });

        var back = record.BackAt(Super);

        Assert.Equal([Super], back.Due());
        Assert.Equal((Super, false), (back.ShownTurn().Stage, back.StatusOf(Super).Done));
        Assert.Equal([EditStage.Sample], back.With(new StageStatus(Super) { Done = true }).DueAfter(Super));
    }

    [Fact]
    public void View_WhileBothAreTuned_ShowsTheBaseAndSuperResolutionBesideIt()
    {
        var record = Tuning() with { Progress = new(EditStage.FineTune, 3, 9), SuperResolution = new(Super) { Progress = new(Super, 1, 4) } };
        var waiting = record with { Stage = EditStage.Sample };

        Assert.Equal((EditStage.FineTune, 3, 1), (EditView.Of(record).Stage, EditView.Of(record).Progress!.Step, EditView.Of(record).Beside!.Step));
        Assert.Equal((Super, 1, null), (EditView.Of(waiting).Stage, EditView.Of(waiting).Progress!.Step, EditView.Of(waiting).Beside));
        Assert.Equal(Super, EditSummary.Of(waiting).Stage);
    }

    private static EditRecord Tuning() => Record(EditProfile.Cascade) with { Stage = EditStage.FineTune };

    private static EditRecord Record(string profile) => new()
    {
        EditId = EditId.Parse("an-edit"), Created = DateTimeOffset.UnixEpoch, RequestHash = "", Model = "some-model",
        Settings = new EditOverrides { Profile = profile }.Resolve("a cat", "some-model"), Source = new("", "", 0, "", 1, 1),
    };
}
