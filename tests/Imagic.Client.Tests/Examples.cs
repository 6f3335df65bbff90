using Imagic.Contracts.Results;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable MEAI001 // as the page says

namespace Imagic.Client.Tests;

/// <summary>The examples of docs/api.md, a region each.</summary>
internal static class Examples
{
    public static async Task EditAsync(Uri address, string? key, string photo, string edited, CancellationToken cancellationToken)
    {
        #region edit
        using var client = new ImagicClient(new() { Address = address, FunctionKey = key });

        await using var picture = File.OpenRead(photo);
        var started = await client.StartAsync(new() { TargetText = "a photo of a sitting dog" }, picture, "dog.jpg", cancellationToken: cancellationToken);
        var ended = await client.WaitAsync(started.View.EditId, cancellationToken);

        if (ended.State == EditState.Succeeded)
        {
            await using var result = await client.OpenResultAsync(ended.EditId, ResultManifest.SuggestedFile, cancellationToken);
            await using var file = File.Create(edited);
            await result.CopyToAsync(file, cancellationToken);
        }
        #endregion
    }

    public static async Task WatchAsync(ImagicClient client, EditId id, TextWriter output, CancellationToken cancellationToken)
    {
        #region watch
        await foreach (var view in client.WatchAsync(id, cancellationToken))
            await output.WriteLineAsync($"{view.State}, {view.Stage}: step {view.Progress?.Step} of {view.Progress?.Steps}");
        #endregion
    }

    public static async Task UploadAsync(ImagicClient client, Stream picture, CancellationToken cancellationToken)
    {
        #region upload
        var source = await client.UploadAsync(picture, "dog.jpg", cancellationToken);
        await client.StartAsync(
            new() { Source = source, TargetText = "a photo of a sitting dog", Settings = new() { Etas = [0.6, 0.8], Seeds = [1, 2, 3] } },
            EditId.Parse("order-4711"), cancellationToken);
        #endregion
    }

    public static async Task<string> RefusedAsync(ImagicClient client, EditRequest request, Stream picture, CancellationToken cancellationToken)
    {
        #region refused
        try
        {
            await client.StartAsync(request, picture, "dog.jpg", cancellationToken: cancellationToken);
        }
        catch (ImagicApiException exception) when (exception.Code == "too-many-edits")
        {
            return $"Come back in {exception.RetryAfter?.TotalSeconds ?? 10} s.";
        }
        catch (ImagicApiException exception)
        {
            return $"{exception.Code} ({exception.Member}): {exception.Detail}";
        }
        #endregion

        return "";
    }

    public static void Register(IServiceCollection services, Uri address)
    {
        #region register
        services.AddImagicClient(options => options.Address = address);
        services.AddSingleton(provider => provider.GetRequiredService<ImagicClient>().AsImageGenerator());
        #endregion
    }

    public static async Task<byte[]> GenerateAsync(IImageGenerator generator, DataContent photo, CancellationToken cancellationToken)
    {
        #region generate
        var response = await generator.EditImageAsync(photo, "a photo of a sitting dog", cancellationToken: cancellationToken);
        return ((DataContent)response.Contents[0]).Data.ToArray();
        #endregion
    }
}
