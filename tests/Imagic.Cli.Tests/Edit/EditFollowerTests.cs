using Imagic.Cli.Edit;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using Spectre.Console;
using EditProgress = Imagic.Contracts.Edits.EditProgress;

namespace Imagic.Cli.Tests.Edit;

public class EditFollowerTests
{
    private static readonly Action<HttpContext> Moved = ScriptedServer.Answer(302, "Location", "/file");

    [Fact]
    public async Task Previews_OfBothStagesThatRun_AreSaved()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(Moved, ScriptedServer.Answer(200), Moved, ScriptedServer.Answer(200));
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(TextWriter.Null) });
        await using var pipeline = new PipelineConnection(server.Address, own: null, console, TimeProvider.System);
        var view = new EditView
        {
            EditId = EditId.Parse("cli-test"),
            Sequence = 1,
            State = EditState.Cancelled,
            Created = default,
            Model = "if-xl",
            Settings = EditProfile.All[EditProfile.Cascade].For("a heart"),
            Source = new("heart.png", "", 0, "PNG", 64, 64),
            Stage = EditStage.FineTune,
            Stages = [],
            Resumes = 0,
            Progress = new(EditStage.FineTune, 5, 10) { Preview = "previews/finetune-5.png" },
            Beside = new(EditStage.FineTuneSuperResolution, 5, 10) { Preview = "previews/finetune-sr-5.png" },
        };

        await EditFollower.RunAsync(console, pipeline, view, new PreviewFolder(folder.Path), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(
            ["finetune-5.png", "finetune-sr-5.png"],
            Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
