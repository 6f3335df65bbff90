using System.CommandLine;
using Imagic.Cli;
using Imagic.Cli.Batch;
using Imagic.Cli.Edit;
using Imagic.Cli.Export;
using Imagic.Cli.Models;
using Imagic.Cli.Operations;
using Imagic.Cli.Status;
using Imagic.Cli.Up;
using Imagic.Worker;

var root = new RootCommand("Edits a photograph so that a sentence becomes true of it (arXiv 2210.09276).")
{
    EditCommand.Create(),
    BatchCommand.Create(),
    StatusCommand.Create(),
    CancelCommand.Create(),
    ResumeCommand.Create(),
    PoisonCommand.Create(),
    ExportCommand.Create(),
    ModelsCommand.Create(),
    UpCommand.Create(),
    WorkerCommand.Create(),
};

return await CommandLine.RunAsync(root, args);
