using System.Globalization;
using System.Text.RegularExpressions;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts;

/// <summary>Where everything is in the storage account: containers, queues and names of blobs.</summary>
public static partial class StoragePaths
{
    /// <summary>Container of pictures as they were dropped, with their sidecars.</summary>
    public const string Uploads = "uploads";

    /// <summary>
    /// Container of pictures that are uploaded by key. No event listens to it and nothing but the bytes of a picture is
    /// read there: a key makes one picture, and starts nothing.
    /// </summary>
    public const string Tickets = "tickets";

    /// <summary>Container of edits, a folder each.</summary>
    public const string Edits = "edits";

    /// <summary>Container of what the stages before sampling gave, by the SHA-256 of its content: kept once, for as long as an edit refers to it.</summary>
    public const string Tunings = "tunings";

    /// <summary>Container of batch manifests and what became of them.</summary>
    public const string Batches = "batches";

    /// <summary>Container of model packages.</summary>
    public const string Models = "models";

    /// <summary>Queue to which Event Grid delivers what happens in <see cref="Uploads"/> and <see cref="Batches"/>.</summary>
    public const string StorageEvents = "storage-events";

    /// <summary>Queue of what is to be told to the webhooks of edits and batches.</summary>
    public const string Webhooks = "webhooks";

    /// <summary>Ending of the queue that keeps messages which could not be handled.</summary>
    public const string PoisonSuffix = "-poison";

    /// <summary>Ending of the blob that tells why a dropped picture did not become an edit.</summary>
    public const string ProblemSuffix = ".problem.json";

    /// <summary>Container of what lists show of edits: empty blobs with metadata, named so that the newest come first.</summary>
    public const string Index = "index";

    /// <summary>Folder in <see cref="Index"/> of all edits.</summary>
    public const string AllEdits = "all";

    /// <summary>Folder in <see cref="Index"/> of the edits that have not ended; those that have are in one named like their state.</summary>
    public const string EditsUnderWay = "under-way";

    /// <summary>Folder in <see cref="Index"/> of the edits whose deletion has begun.</summary>
    public const string EditsBeingDeleted = "deleting";

    /// <summary>Folder of pictures of how a model sees the source while it is tuned, below an edit's.</summary>
    public const string Previews = "previews/";

    public static IReadOnlyList<string> Containers { get; } = [Uploads, Tickets, Edits, Tunings, Index, Batches, Models];

    /// <summary>All queues, poison queues included.</summary>
    public static IReadOnlyList<string> Queues { get; } =
        [.. Enum.GetValues<EditStage>().Select(StageQueue).Append(StorageEvents).Append(Webhooks).SelectMany(queue => new[] { queue, queue + PoisonSuffix })];

    /// <summary>The queue of a stage.</summary>
    public static string StageQueue(EditStage stage) => $"stage-{stage.Name()}";

    /// <summary>The record of an edit, in <see cref="Edits"/>.</summary>
    public static string Record(EditId id) => $"{id}/edit.json";

    /// <summary>The source picture as it was sent, in <see cref="Edits"/>.</summary>
    public static string Source(EditId id) => $"{id}/source";

    /// <summary>What makes the blobs in a folder of an edit a checkpoint or a stage's result, in <see cref="Edits"/>.</summary>
    public static string CheckpointManifest(EditId id, string folder) => $"{id}/{folder}/manifest.json";

    /// <summary>How a model sees the source after so many steps of a stage: the picture's name below the folder of its edit, and in the API.</summary>
    public static string Preview(EditStage stage, int step) => string.Create(CultureInfo.InvariantCulture, $"{Previews}{stage.Name()}-{step:D5}.png");

    /// <summary>Whether that is how previews are named.</summary>
    public static bool IsPreview(string name) => PreviewName().IsMatch(name);

    /// <summary>What became of telling an edit's webhook, in <see cref="Edits"/>.</summary>
    public static string EditWebhook(EditId id) => $"{id}/webhook.json";

    /// <summary>Says that an edit refers to a tuning, in <see cref="Edits"/>: written before <see cref="TuningReference"/> and deleted after it.</summary>
    public static string EditTuning(EditId id, string sha256) => $"{EditTunings(id)}{sha256}";

    /// <summary>Prefix of the tunings that an edit refers to, in <see cref="Edits"/>.</summary>
    public static string EditTunings(EditId id) => $"{id}/tunings/";

    /// <summary>The content of a tuning, in <see cref="Tunings"/>.</summary>
    public static string TuningContent(string sha256) => $"{sha256}/content";

    /// <summary>Says that an edit refers to a tuning, in <see cref="Tunings"/>.</summary>
    public static string TuningReference(string sha256, EditId id) => $"{TuningReferences(sha256)}{id}";

    /// <summary>Prefix of the edits that refer to a tuning, in <see cref="Tunings"/>.</summary>
    public static string TuningReferences(string sha256) => $"{sha256}/edits/";

    /// <summary>Written when an edit ceases to refer to a tuning, in <see cref="Tunings"/>; its age is that of the tuning without edits.</summary>
    public static string TuningReleased(string sha256) => $"{sha256}/released";

    /// <summary>The entry of an edit, in <see cref="Index"/>: by falling time in milliseconds, 15 digits.</summary>
    public static string IndexEntry(string folder, DateTimeOffset created, EditId id) => string.Create(
        CultureInfo.InvariantCulture, $"{folder}/{DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - created.ToUnixTimeMilliseconds():D15}-{id}");

    /// <summary>The edit that an entry is of.</summary>
    public static bool TryParseIndexEntry(string name, out EditId id)
    {
        id = default;
        return name.IndexOf('-', name.LastIndexOf('/') + 1) is > 0 and var dash && EditId.TryParse(name[(dash + 1)..], out id);
    }

    /// <summary>Folder of the results that the claim with this epoch publishes, below the edit's.</summary>
    public static string ResultsFolder(int epoch) => string.Create(CultureInfo.InvariantCulture, $"results/{epoch:D4}");

    /// <summary>The manifest of a model package, in <see cref="Models"/>.</summary>
    public static string ModelManifest(string name) => $"{name}.json";

    /// <summary>A file of model packages by the SHA-256 of its content, in <see cref="Models"/>.</summary>
    public static string ModelFile(string sha256) => $"sha256/{sha256}";

    /// <summary>What became of each line of a batch, in <see cref="Batches"/>.</summary>
    public static string BatchReport(string batch) => $"{batch}/report.json";

    /// <summary>Written once all edits of a batch have ended, in <see cref="Batches"/>.</summary>
    public static string BatchSummary(string batch) => $"{batch}/summary.json";

    /// <summary>One picture of all pictures of a batch, in <see cref="Batches"/>.</summary>
    public static string BatchContactSheet(string batch) => $"{batch}/contact-sheet.png";

    /// <summary>The report of a batch whose deletion has begun, in <see cref="Batches"/>.</summary>
    public static string BatchBeingDeleted(string batch) => $"{batch}/deleting.json";

    /// <summary>What became of telling a batch's webhook, in <see cref="Batches"/>.</summary>
    public static string BatchWebhook(string batch) => $"{batch}/webhook.json";

    /// <summary>Marks that the edit of a line has ended, in <see cref="Batches"/>; all are counted, then deleted.</summary>
    public static string BatchEnded(BatchReference line) =>
        string.Create(CultureInfo.InvariantCulture, $"{BatchEndedFolder(line.Name, line.Run)}{line.Line:D6}");

    /// <summary>Prefix of the marks of a run.</summary>
    public static string BatchEndedFolder(string batch, string run) => $"{batch}/ended/{run}/";

    [GeneratedRegex(@"\Apreviews/[a-z]+(-[a-z]+)*-[0-9]+\.png\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PreviewName();
}
