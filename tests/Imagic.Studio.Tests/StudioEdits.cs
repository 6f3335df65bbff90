using System.Text;
using Azure.Storage.Blobs.Models;
using Imagic.Client;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage;
using Imagic.Tests;

namespace Imagic.Studio.Tests;

/// <summary>Edits that are started past the page, and the worker that computes them: a process of its own, which the pipeline starts again.</summary>
internal sealed class StudioEdits(ImagicClient client, EnvironmentPlace place)
{
    /// <summary>More steps than any test waits for: such an edit runs until it is cancelled or deleted.</summary>
    public const int Endless = 12_000;

    private EditView? _done;

    /// <summary>A picture to edit.</summary>
    public static string Picture { get; } = Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts one. A step of its tiny model takes some milliseconds.</summary>
    /// <param name="text">Its target text.</param>
    /// <param name="fineTuneSteps">How long it takes.</param>
    /// <param name="isCut">Of a picture whose end is missing, which shows when a worker reads it: it fails.</param>
    /// <param name="seeds">Versions, of three strengths each.</param>
    public async Task<EditView> StartAsync(string text, int fineTuneSteps = 3, bool isCut = false, int seeds = 2)
    {
        var request = new EditRequest
        {
            TargetText = text,
            Model = StudioFixture.Model,
            Settings = new()
            {
                Optimize = new() { Steps = 3 }, FineTune = new() { Steps = fineTuneSteps }, Steps = 2, Seeds = [.. Enumerable.Range(1, seeds)], Etas = [0.4, 0.8], Blends = [1],
            },
        };
        var bytes = await File.ReadAllBytesAsync(Picture, Cancellation);
        using var picture = new MemoryStream(isCut ? bytes[..(bytes.Length / 2)] : bytes);
        return (await client.StartAsync(request, picture, Path.GetFileName(Picture), cancellationToken: Cancellation)).View;
    }

    /// <summary>Starts one and waits until it has succeeded.</summary>
    public async Task<EditView> FinishAsync(string text)
    {
        var ended = await client.WaitAsync((await StartAsync(text)).EditId, Cancellation);
        Assert.Equal(EditState.Succeeded, ended.State);
        return ended;
    }

    /// <summary>An edit that has succeeded, for all tests that do not change it.</summary>
    public async Task<EditView> DoneAsync() => _done ??= await FinishAsync("a heart of glass");

    /// <summary>Starts a batch of one line that is fine and one that is not, and waits for its end.</summary>
    public async Task FinishBatchAsync(string name)
    {
        await using var picture = File.OpenRead(Picture);
        var source = await client.UploadAsync(picture, Path.GetFileName(Picture), Cancellation);
        var lines = $$$"""
            {"source": "{{{source}}}", "targetText": "a heart of wool", "settings": {"optimize": {"steps": 3}, "fineTune": {"steps": 3}, "steps": 2, "seeds": [1], "etas": [0.8]}}
            {"source": "{{{source}}}", "targetText": ""}
            """;
        await client.StartBatchAsync(name, Encoding.UTF8.GetBytes(lines), cancellationToken: Cancellation);
        await client.WaitForBatchAsync(name, Cancellation);
    }

    /// <summary>Names of everything in the storage account that belongs to an edit.</summary>
    public async Task<List<string>> BlobsOfAsync(EditId id)
    {
        var names = new List<string>();
        var service = new StorageAccount(new() { ConnectionString = place.ConnectionString }).Blobs;
        await foreach (var container in service.GetBlobContainersAsync(cancellationToken: Cancellation))
        {
            await foreach (var blob in service.GetBlobContainerClient(container.Name).GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Cancellation))
            {
                if (blob.Name.Contains(id.Value, StringComparison.Ordinal)) names.Add($"{container.Name}/{blob.Name}");
            }
        }

        return names;
    }

    /// <summary>Waits until an edit that has not ended is as wanted.</summary>
    public async Task<EditView> UntilAsync(EditId id, Func<EditView, bool> isWanted)
    {
        await foreach (var view in client.WatchAsync(id, Cancellation))
        {
            if (isWanted(view)) return view;
        }

        throw new InvalidOperationException($"{id} has ended without it.");
    }

    /// <summary>Deletes what is under way: the worker is for the next test.</summary>
    public async Task ClearAsync()
    {
        foreach (var state in (EditState[])[EditState.Running, EditState.Queued])
        {
            foreach (var edit in (await client.ListAsync(state: state, cancellationToken: Cancellation)).Edits) await client.DeleteAsync(edit.EditId, Cancellation);
        }
    }

    /// <summary>Kills the worker outright, as a machine that is taken away. The pipeline starts another after a second, which goes on with the edit.</summary>
    public async Task KillWorkerAsync()
    {
        foreach (var worker in place.Workers()) await ImagicProcess.SignalAsync(worker, "KILL");
    }
}
