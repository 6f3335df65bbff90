using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;

namespace Imagic.Functions.Tests;

/// <summary>Does what a worker would do, in no time.</summary>
internal static class SucceededEdit
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Lets an edit succeed with these files, all of them the cat, and those of its pictures suggested.</summary>
    public static async Task SucceedAsync(this FunctionApp app, EditId id, params IEnumerable<string> files)
    {
        var results = StoragePaths.ResultsFolder(1);
        var manifest = new ResultManifest
        {
            EditId = id,
            Epoch = 1,
            PicturesSha256 = new('0', 64),
            Files = [.. files.Select(name => new ResultFile(name, Pictures.Cat.Length, Pictures.Sha256(Pictures.Cat)))],
            Suggested = [.. files.Where(name => name.StartsWith("pictures/", StringComparison.Ordinal))],
            Drafts = [],
        };
        foreach (var file in manifest.Files) await app.Account.Edits.GetBlobClient($"{id}/{results}/{file.Name}").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Token);
        await app.Account.Edits.GetBlobClient($"{id}/{results}/{ResultManifest.FileName}").UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ResultManifest)), Token);
        await app.Records.UpdateAsync(id, record => record with { State = EditState.Succeeded, Results = results, Ended = record.Created.AddMinutes(1) }, Token);
    }
}
