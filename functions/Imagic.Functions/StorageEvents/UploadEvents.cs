using System.Security.Cryptography;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.StorageEvents;

/// <summary>
/// Starts the edits of pictures that are dropped into the container <c>uploads</c>. The event only says where to look:
/// what is there now decides, so that late, repeated and reordered events give the same edits.
/// </summary>
internal sealed partial class UploadEvents(StorageAccount account, EditStarter starter, ILogger<UploadEvents> logger)
{
    private const string RefusedTitle = "The picture did not become an edit.";

    /// <summary>Handles the creation of a blob.</summary>
    /// <returns>A sentence on what came of it.</returns>
    /// <exception cref="TooManyEditsException">It has to wait.</exception>
    public async Task<string> HandleAsync(string blob, CancellationToken cancellationToken)
    {
        if (blob.EndsWith(StoragePaths.ProblemSuffix, StringComparison.Ordinal)) return "A problem is no picture.";
        var name = ImageOf(blob);
        var picture = await DroppedImage.FindAsync(account.Uploads, name, cancellationToken);
        while (true)
        {
            if (picture is null) return $"There is no picture '{name}'.";
            if (!picture.HasRequest) return $"'{name}' waits for its text, or is started by a request.";
            var outcome = await TryStartAsync(picture, cancellationToken);
            if (outcome is { ChangedProblem: false }) return outcome.Sentence;

            // A newer picture or sidecar may have been handled at the same time: its problem, or that it has none, must
            // not be covered by that of the older one.
            var now = await DroppedImage.FindAsync(account.Uploads, name, cancellationToken);
            if (now?.ETag == picture.ETag && now.SidecarETag == picture.SidecarETag)
                return outcome?.Sentence ?? throw new IOException($"The picture '{name}' could not be read to its end.");
            picture = now;
        }
    }

    /// <summary>The picture that a blob in <c>uploads</c> is, or is the sidecar of.</summary>
    public static string ImageOf(string blob) =>
        Array.Find(DroppedImage.SidecarSuffixes, suffix => blob.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix
        && blob[..^suffix.Length] is var image && BlobName.Problem(image) is null ? image : blob;

    // Null when the picture was overwritten or deleted meanwhile.
    private async Task<Outcome?> TryStartAsync(DroppedImage picture, CancellationToken cancellationToken)
    {
        try
        {
            var request = picture.ReadRequest();
            var edit = await starter.CheckAsync(request, cancellationToken);
            if (edit.Picture is UploadedImage seen && seen.ETag != picture.ETag) return null;
            var id = EditId.Derive("upload", picture.Name, picture.ETag.Text(), Hash(request));
            var started = await starter.StartAsync(id, edit, Caller.Uploads, batch: null, cancellationToken);
            var hadProblem = await ProblemBlobs.DeleteAsync(account.Uploads, picture.Name, cancellationToken);
            return new($"'{picture.Name}' is edit {id} ({started.Outcome}).", hadProblem);
        }
        catch (RequestProblemException problem) when (problem.Code is "source-changed" or "source-not-found")
        {
            return null;
        }
        catch (RequestProblemException problem)
        {
            LogRefused(picture.Name, problem.Code, problem.Message);
            await ProblemBlobs.WriteAsync(
                account.Uploads, picture.Name, new(RefusedTitle, problem.Status, problem.Code, problem.Message, problem.Member), cancellationToken);
            return new($"'{picture.Name}' was refused: {problem.Message}", ChangedProblem: true);
        }
    }

    // Who is told makes no other edit.
    private static string Hash(EditRequest request) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request with { Webhook = null }, ContractsJsonContext.Default.EditRequest)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused the picture {Name}: {Code}: {Detail}")]
    private partial void LogRefused(string name, string code, string detail);

    private sealed record Outcome(string Sentence, bool ChangedProblem);
}
