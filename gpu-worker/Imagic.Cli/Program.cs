using System.CommandLine;
using Imagic.Cli;
using Imagic.Cli.Batch;
using Imagic.Cli.Edit;
using Imagic.Cli.Export;
using Imagic.Cli.Models;
using Imagic.Cli.Open;
using Imagic.Cli.Operations;
using Imagic.Cli.Status;
using Imagic.Cli.Up;
using Imagic.Cli.Verify;
using Imagic.Cli.Webhooks;
using Imagic.Storage.Signing;
using Imagic.Worker;

var root = new RootCommand("Edits a photograph so that a sentence becomes true of it (arXiv 2210.09276).")
{
    EditCommand.Create(),
    BatchCommand.Create(),
    ListCommand.Create(),
    StatusCommand.Create(),
    WatchCommand.Create(),
    OpenCommand.Create(),
    CancelCommand.Create(),
    RemoveEditsCommand.Create(),
    ResumeCommand.Create(),
    PoisonCommand.Create(),
    ExportCommand.Create(),
    VerifyCommand.Create(),
    ModelsCommand.Create(),
    WebhooksCommand.Create(),
    UpCommand.Create(),
    WorkerCommand.Create(),
};

// Whoever reads the help has found the options of every command; without them the commands fit on one screen.
foreach (var option in root.Options) option.Hidden = true;

// Processes that this one starts sign with the same key.
if (Unset(SigningOptions.CertificateSetting) && Unset(SigningOptions.FileSetting)) Environment.SetEnvironmentVariable(SigningOptions.FileSetting, Checkout.SigningFile);

return await CommandLine.RunAsync(root, args);

static bool Unset(string setting) => Environment.GetEnvironmentVariable(setting) is null or "";
