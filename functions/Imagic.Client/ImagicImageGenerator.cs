using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Imagic.Contracts.Results;
using Microsoft.Extensions.AI;

namespace Imagic.Client;

/// <summary>Edits as Microsoft.Extensions.AI asks for pictures.</summary>
public static class ImagicImageGeneratorExtensions
{
    /// <summary>An image generator that edits the one picture which a request brings, and takes minutes for it.</summary>
    /// <param name="client">Calls the service; it stays the caller's.</param>
    /// <param name="model">Model package where the options name none; null leaves that to the service.</param>
    [Experimental("MEAI001")]
    public static IImageGenerator AsImageGenerator(this ImagicClient client, string? model = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new ImagicImageGenerator(client, model);
    }
}

/// <summary>
/// The prompt is the target text, <c>ModelId</c> the model package, <c>ImageSize</c> the working size. <c>Count</c> pictures
/// are those of the seeds 1 to <c>Count</c> at the suggested strength. A <c>RawRepresentationFactory</c> may give an
/// <see cref="EditRequest"/> to start from, with all further settings.
/// </summary>
[Experimental("MEAI001")]
internal sealed class ImagicImageGenerator(ImagicClient client, string? model) : IImageGenerator
{
    private const string Png = "image/png";
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(10);

    public async Task<ImageGenerationResponse> GenerateAsync(
        ImageGenerationRequest request, ImageGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (picture, edit) = (PictureOf(request), RequestOf(request, options));
        using var content = new MemoryStream(picture.Data.ToArray());
        var ended = await RunAsync(edit, content, picture.Name ?? "image", cancellationToken);
        var contents = new List<AIContent>();
        foreach (var name in await NamesAsync(ended, options?.Count ?? 1, cancellationToken))
        {
            contents.Add(options?.ResponseFormat == ImageGenerationResponseFormat.Uri
                ? new UriContent(await client.GetResultAddressAsync(ended.EditId, name, cancellationToken), Png)
                : new DataContent(await client.DownloadResultAsync(ended.EditId, name, cancellationToken), Png) { Name = Path.GetFileName(name) });
        }

        return new(contents) { RawRepresentation = ended };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(ImageGeneratorMetadata)) return new ImageGeneratorMetadata("imagic", new(client.Address), model);
        return serviceType.IsInstanceOfType(this) ? this : serviceType.IsInstanceOfType(client) ? client : null;
    }

    public void Dispose()
    {
        // The client is the caller's.
    }

    private static DataContent PictureOf(ImageGenerationRequest request) => request.OriginalImages?.ToList() switch
    {
        [DataContent picture] => picture,
        null or [] => throw new ArgumentException("The request has no picture. This generator edits one; give it as OriginalImages.", nameof(request)),
        [_] => throw new ArgumentException("The picture is not there as data. Fetch it, and give its bytes as a DataContent.", nameof(request)),
        var many => throw new ArgumentException($"The request has {many.Count} pictures; one can be edited at a time.", nameof(request)),
    };

    private EditRequest RequestOf(ImageGenerationRequest request, ImageGenerationOptions? options)
    {
        if (string.IsNullOrWhiteSpace(request.Prompt)) throw new ArgumentException("The request has no prompt. Give the sentence that becomes true of the picture.", nameof(request));
        if (options?.Count is < 1) throw new ArgumentException($"The count must be 1 or more; it is {options.Count}.", nameof(options));
        if (options?.MediaType is { } type && type != Png) throw new NotSupportedException($"Pictures come as {Png}, not as {type}.");
        if (options?.ResponseFormat == ImageGenerationResponseFormat.Hosted) throw new NotSupportedException("Pictures come as data or as addresses, not as hosted files.");
        var start = options?.RawRepresentationFactory?.Invoke(this) as EditRequest ?? new();
        return start with
        {
            TargetText = request.Prompt,
            Model = options?.ModelId ?? start.Model ?? model,
            Size = options?.ImageSize is { } size ? new(size.Width, size.Height) : start.Size,
            Settings = options?.Count is { } count and > 1
                ? (start.Settings ?? new()) with { Seeds = [.. Enumerable.Range(1, count).Select(seed => (long)seed)] } : start.Settings,
        };
    }

    // Nobody else knows of the edit: it does not go on for nothing.
    private async Task<EditView> RunAsync(EditRequest edit, MemoryStream picture, string name, CancellationToken cancellationToken)
    {
        var id = EditId.New(TimeProvider.System.GetUtcNow());
        try
        {
            await client.StartAsync(edit, picture, name, id, cancellationToken);
            return await client.WaitAsync(id, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(CancelPatience);
            try
            {
                await client.CancelAsync(id, patience.Token);
            }
            catch (Exception exception) when (exception is ImagicApiException or OperationCanceledException)
            {
                // It could not be told; the caller has given up all the same.
            }

            throw;
        }
    }

    private async Task<ImmutableArray<string>> NamesAsync(EditView ended, int count, CancellationToken cancellationToken)
    {
        if (ended.Error is { } error) throw new ImagicApiException(error.Code, null, error.Message);
        if (ended.State != EditState.Succeeded) throw new ImagicApiException("cancelled", null, $"The edit '{ended.EditId}' was cancelled.");
        var results = await client.GetResultsAsync(ended.EditId, cancellationToken);
        ImmutableArray<string> there = count == 1
            ? [.. results.Files.Select(file => file.Name).Where(name => name == ResultManifest.SuggestedFile)] : [.. results.Suggested.Take(count)];
        return there.Length > 0 ? there : throw new ImagicApiException("withheld", null, $"The pictures of the edit '{ended.EditId}' are withheld by the model's safety checker.");
    }
}
