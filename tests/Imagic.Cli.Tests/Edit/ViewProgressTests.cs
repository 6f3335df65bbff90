using Imagic.Cli.Edit;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;
using EditProgress = Imagic.Contracts.Edits.EditProgress;

namespace Imagic.Cli.Tests.Edit;

public class ViewProgressTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Show_OfAnEditFromItsBeginning_TellsEachStageOnce()
    {
        var lines = await ShowAsync(
            View(1, EditState.Queued, EditStage.Optimize),
            View(2, EditState.Running, EditStage.Optimize) with { Progress = new(EditStage.Optimize, 0, 20) },
            View(3, EditState.Running, EditStage.Optimize) with { Progress = Speed(EditStage.Optimize, 10, 20) },
            // The end of stage 1 and the whole of stage 2 lie between two answers.
            View(9, EditState.Running, EditStage.Sample, Done(EditStage.Optimize, 20, 4), Done(EditStage.FineTune, 30, 6)) with { Progress = Speed(EditStage.Sample, 1, 5) },
            View(12, EditState.Succeeded, EditStage.Sample, Done(EditStage.Optimize, 20, 4), Done(EditStage.FineTune, 30, 6), Done(EditStage.Sample, 5, 2)));

        Assert.Equal(
            [
                "1/3 optimize the embedding: 20 steps",
                "1/3 optimize the embedding: step 10 of 20  loss 0.5000  2.0 steps/s  about 5 s left",
                "1/3 optimize the embedding: done after 20 steps, 4.0 s",
                "2/3 fine-tune the model: 30 steps",
                "2/3 fine-tune the model: done after 30 steps, 6.0 s",
                "3/3 sample the pictures: 5 steps",
                "3/3 sample the pictures: done after 5 steps, 2.0 s",
            ],
            lines);
    }

    [Fact]
    public async Task Show_OfAnEditThatIsTakenOver_TellsFromWhereAndHowOften()
    {
        var before = View(5, EditState.Queued, EditStage.FineTune, Done(EditStage.Optimize, 20, 4), new(EditStage.FineTune) { Step = 12 }) with { Progress = Speed(EditStage.FineTune, 12, 60) };
        var lines = await ShowAsync(
            before,
            before with { Sequence = 6, State = EditState.Running, Resumes = 1, Stages = [Done(EditStage.Optimize, 20, 4), new(EditStage.FineTune) { Step = 12, Resumes = 1 }] },
            before with { Sequence = 8, State = EditState.Running, Resumes = 2, Stages = [Done(EditStage.Optimize, 20, 4), new(EditStage.FineTune) { Step = 30, Resumes = 2 }], Progress = new(EditStage.FineTune, 30, 60) },
            // An answer that comes late tells nothing.
            before with { Sequence = 7, Resumes = 1 });

        Assert.Equal(
            [
                "1/3 optimize the embedding: already done, its result is used again",
                "2/3 fine-tune the model: going on from step 12 of 60 (resumed once)",
                "2/3 fine-tune the model: going on from step 30 of 60 (resumed 2 times)",
            ],
            lines);
    }

    [Fact]
    public async Task Show_OfACascadeWhoseModelsAreTunedSideBySide_TellsBoth()
    {
        var settings = new EditOverrides { Profile = EditProfile.Cascade }.Resolve("a cat", "some-cascade");
        var optimized = View(2, EditState.Running, EditStage.FineTune, Done(EditStage.Optimize, 20, 4)) with { Settings = settings };
        var both = optimized with { Progress = Speed(EditStage.FineTune, 12, 60), Beside = Speed(EditStage.FineTuneSuperResolution, 10, 20) };
        var lines = await ShowAsync(
            optimized with { Sequence = 1, Stages = [] },
            optimized with { Beside = new(EditStage.FineTuneSuperResolution, 0, 20) },
            both with { Sequence = 3 },
            both with
            {
                Sequence = 4, Stage = EditStage.FineTuneSuperResolution, Progress = Speed(EditStage.FineTuneSuperResolution, 15, 20), Beside = null,
                Stages = [Done(EditStage.Optimize, 20, 4), Done(EditStage.FineTune, 60, 30)],
            });

        Assert.Equal(
            [
                "1/4 optimize the embedding: 20 steps",
                "1/4 optimize the embedding: done after 20 steps, 4.0 s",
                "3/4 tune super-resolution: 20 steps",
                "2/4 fine-tune the model: 60 steps",
                "3/4 tune super-resolution: step 10 of 20  loss 0.5000  2.0 steps/s  about 5 s left",
                "2/4 fine-tune the model: done after 60 steps, 30.0 s",
                "3/4 tune super-resolution: step 15 of 20  loss 0.5000  2.0 steps/s  about 2 s left",
            ],
            lines);
    }

    [Fact]
    public async Task Show_OfAnEditThatNobodyTakes_SaysOnceThatItWaits()
    {
        var view = View(1, EditState.Queued, EditStage.Optimize);

        Assert.Equal(["Waiting for a worker …"], await ShowAsync(view, view, view, view));
    }

    private async Task<string[]> ShowAsync(params EditView[] views)
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 4096;
        await StageDisplay.RunAsync(console, views[0].Settings.Stages(), _time, display =>
        {
            var progress = new ViewProgress(display, _time);
            foreach (var view in views)
            {
                progress.Show(view);
                _time.Advance(TimeSpan.FromSeconds(6));
            }

            return Task.FromResult(0);
        });
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static EditProgress Speed(EditStage stage, int step, int steps) => new(stage, step, steps) { Loss = 0.5f, StepsPerSecond = 2 };

    private static StageStatus Done(EditStage stage, int steps, double seconds) => new(stage) { Done = true, Step = steps, Seconds = seconds };

    private static EditView View(long sequence, EditState state, EditStage stage, params StageStatus[] stages) => new()
    {
        EditId = EditId.Parse("cli-test"),
        Sequence = sequence,
        State = state,
        Created = default,
        Model = "emoji-64",
        Settings = EditProfile.All["emoji-64"].For("a heart"),
        Source = new("heart.png", "", 0, "PNG", 64, 64),
        Stage = stage,
        Stages = [.. stages],
        Resumes = 0,
    };
}
