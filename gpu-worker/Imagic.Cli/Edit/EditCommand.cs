using System.CommandLine;
using Imagic.Cli.Up;
using Imagic.Diffusion.Packages;
using Imagic.Worker;
using Spectre.Console;
using static TorchSharp.torch;

namespace Imagic.Cli.Edit;

/// <summary><c>imagic edit</c>: one picture, one sentence, through the pipeline or in this process.</summary>
internal static class EditCommand
{
    public static Command Create()
    {
        var arguments = new EditArguments();
        var command = arguments.AddTo(new("edit", "Edits a picture so that a sentence becomes true of it"));
        command.SetAction((parsed, cancellationToken) => RunAsync(arguments, parsed, AnsiConsole.Console, TimeProvider.System, cancellationToken));
        return command;
    }

    private static Task<int> RunAsync(
        EditArguments arguments, ParseResult parsed, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        // Everything that can be wrong is looked at before anything is started or written.
        var folder = new ResultFolder(Path.GetFullPath(parsed.GetRequiredValue(arguments.Out)), !parsed.GetValue(arguments.NoPictures));
        if (parsed.GetValue(arguments.Direct))
        {
            arguments.RefuseServerOptions(parsed);
            var plan = EditPlan.Check(arguments, parsed, isModelElsewhere: false);
            return DirectEdit.RunAsync(plan, arguments.DirectOptions(parsed, plan.Settings.Stages()), folder, console, time, cancellationToken);
        }

        arguments.RefuseDirectOptions(parsed);
        var server = arguments.Server.Given(parsed);
        if (parsed.GetValue(arguments.From) is not null)
        {
            var sample = SamplePlan.Check(arguments, parsed);
            return RunAsync(sample, server is null ? ModelFolders.OpenVerified(parsed.GetRequiredValue(arguments.Model)) : null);
        }

        var edit = EditPlan.Check(arguments, parsed, isModelElsewhere: server is not null);
        return RunAsync(edit, edit.Package);

        Task<int> RunAsync(IEditStart start, ModelPackage? package)
        {
            var own = server is null ? arguments.OwnEnvironment(parsed, package!) : null;
            return new PipelineEdit(start, server ?? own!.Address, own, folder, console, time).RunAsync(cancellationToken);
        }
    }
}
