using Azure.Storage.Blobs;
using Imagic.Cli.Edit;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Imaging;
using Imagic.Storage;
using Imagic.Worker.Results;
using static TorchSharp.torch;

namespace Imagic.Cli.Export;

/// <summary>A finished edit and what its tuning gave, as flat float32 buffers on the CPU.</summary>
/// <param name="Record">What <c>edit.json</c> says.</param>
/// <param name="Tuned">Of the UNet.</param>
/// <param name="SuperResolution">Of a cascade's super-resolution; null of other models.</param>
internal sealed record TunedEdit(ResultRecord Record, Tensor Tuned, Tensor? SuperResolution) : IDisposable
{
    private const string WorkFolder = "work";

    /// <summary>Reads the folder that an edit was computed into.</summary>
    /// <exception cref="BadInputException">It is no such folder, or the tuning is not there any more.</exception>
    public static async Task<TunedEdit> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(folder, ResultManifest.RecordFile)))
            throw new BadInputException($"'{folder}' holds no finished edit: it has no {ResultManifest.RecordFile}. Finish it with the command that began it.");
        var record = await ResultFolder.ReadRecordAsync(folder, cancellationToken);
        if (!record.Settings.Sample.Method.Tunes())
            throw new BadInputException($"The edit in '{folder}' was made by method {record.Settings.Sample.Method.Name()}, which tunes nothing: there is no tuning to export.");
        var source = ImageCodec.Decode(await File.ReadAllBytesAsync(Path.Combine(folder, ResultManifest.SourceFile), cancellationToken), ImageLimits.Default);
        var precision = $"{record.Environment.Precision} {new Device(record.Environment.Device).type}";
        var fingerprints = Fingerprint.Of(record.Settings, record.Model.Sha256, source, precision);
        var journal = new CheckpointJournal(new FolderCheckpointStore(Path.Combine(folder, WorkFolder)), epoch: 0);
        var tuned = await ReadAsync(EditStage.FineTune);
        try
        {
            return new(record, tuned, record.Settings.SuperResolution is null ? null : await ReadAsync(EditStage.FineTuneSuperResolution));
        }
        catch
        {
            tuned.Dispose();
            throw;
        }

        async Task<Tensor> ReadAsync(EditStage stage)
        {
            var why = "";
            using var found = await journal.FindAsync(stage.Name(), fingerprints[stage], text => why = $" {text}", cancellationToken);
            return found is { Manifest.Complete: true }
                ? found.Read("parameters", CPU)
                : throw new BadInputException(
                    $"The tuning of the edit in '{folder}' ({stage.Name()}) is not there.{why} Of an edit that a pipeline computed the pipeline's storage has it: export it by its id.");
        }
    }

    /// <summary>Fetches the tuning of an edit from the storage account.</summary>
    /// <param name="account">Where it is.</param>
    /// <param name="id">The edit.</param>
    /// <param name="folder">Empty folder to fetch to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BadInputException">There is no such edit, or it has not succeeded.</exception>
    public static async Task<TunedEdit> FetchAsync(StorageAccount account, EditId id, string folder, CancellationToken cancellationToken)
    {
        var record = (await new EditRecords(account).ReadAsync(id, cancellationToken))?.Value
            ?? throw new BadInputException($"There is no edit '{id}' at {account.Blobs.Uri}, and no folder of that name.");
        if (record is not { State: EditState.Succeeded, Results: { } results })
            throw new BadInputException($"The edit '{id}' has no results to export: it is {record.State.Name()}.");
        foreach (var file in (string[])[ResultManifest.RecordFile, ResultManifest.SourceFile])
            await FetchAsync(account.Edits, $"{id}/{results}/{file}", file);
        foreach (var status in record.Tuning().Where(status => status.Stage > EditStage.Optimize))
        {
            await FetchAsync(account.Edits, StoragePaths.CheckpointManifest(id, status.Checkpoint!), Path.Combine(WorkFolder, status.Checkpoint!, CheckpointManifest.FileName));
            await FetchAsync(account.Tunings, StoragePaths.TuningContent(status.Sha256!), Path.Combine(WorkFolder, CheckpointPart.SharedFolder, status.Sha256!));
        }

        return await ReadAsync(folder, cancellationToken);

        async Task FetchAsync(BlobContainerClient container, string blob, string file)
        {
            await using var stream = new LocalDisk().Create(Path.Combine(folder, file));
            await container.GetBlobClient(blob).DownloadToAsync(stream, cancellationToken);
        }
    }

    /// <summary>The package that was tuned.</summary>
    /// <param name="named">Its folder or name; null takes the shipped one of the record's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BadInputException">There is none, or it is another one.</exception>
    public async Task<ModelPackage> PackageAsync(string? named, CancellationToken cancellationToken)
    {
        if (named is null && ModelFolders.Find(Record.Model.Name, root: null) is null)
            throw new BadInputException($"The edit was made with '{Record.Model.Name}', which is not among the models here. Say where that package is with --model.");
        var package = ModelFolders.OpenVerified(named ?? Record.Model.Name);
        return await package.HashAsync(cancellationToken) == Record.Model.Sha256
            ? package
            : throw new BadInputException(
                $"The package '{package.Folder}' is not the one that was tuned: that is '{Record.Model.Name}' with sha256 {Record.Model.Sha256}. Say where it is with --model.");
    }

    public void Dispose()
    {
        Tuned.Dispose();
        SuperResolution?.Dispose();
    }
}
