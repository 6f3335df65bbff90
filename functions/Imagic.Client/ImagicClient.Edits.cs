using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Imagic.Contracts.Settings;

namespace Imagic.Client;

/// <summary>An edit as the service told it.</summary>
/// <param name="View">How far it is.</param>
/// <param name="ETag">Names this state of it.</param>
public sealed record FetchedEdit(EditView View, EntityTagHeaderValue? ETag);

/// <content>Starting edits, looking at them, giving them up, deleting them.</content>
public sealed partial class ImagicClient
{
    /// <summary>Starts an edit and sends its picture along, or finds the very same one started before.</summary>
    /// <param name="request">What becomes true of the picture, and how.</param>
    /// <param name="picture">JPEG, PNG, WebP, GIF, BMP or TIFF, from its present position; it stays open.</param>
    /// <param name="fileName">What it is called.</param>
    /// <param name="id">Its name; a new one when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<FetchedEdit> StartAsync(
        EditRequest request, Stream picture, string fileName, EditId? id = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var bytes = await PictureContent.RepeatableAsync(picture, cancellationToken);
        using var call = Put(id, new MultipartFormDataContent { { new PictureContent(bytes), "picture", fileName } });
        var form = (MultipartFormDataContent)call.Content!;
        if (request.TargetText is { } text) form.Add(new StringContent(text), "targetText");
        if (request.Model is { } model) form.Add(new StringContent(model), "model");
        if (request.Settings is { } settings) form.Add(new StringContent(JsonSerializer.Serialize(settings, ContractsJsonContext.Default.EditOverrides)), "settings");
        if (request.Size is { } size) form.Add(new StringContent(JsonSerializer.Serialize(size, ContractsJsonContext.Default.WorkingSize)), "size");
        if (request.Webhook is { } webhook) form.Add(new StringContent(webhook), "webhook");
        return (await EditAsync(call, cancellationToken)).Edit!;
    }

    /// <summary>Starts an edit of a picture that was uploaded before: <see cref="EditRequest.Source"/> names it.</summary>
    /// <inheritdoc cref="StartAsync(EditRequest, Stream, string, EditId?, CancellationToken)"/>
    public async Task<FetchedEdit> StartAsync(EditRequest request, EditId? id = null, CancellationToken cancellationToken = default)
    {
        using var call = Put(id, JsonContent.Create(request, ContractsJsonContext.Default.EditRequest));
        return (await EditAsync(call, cancellationToken)).Edit!;
    }

    /// <summary>Starts an edit that samples the tuning of another one again, or finds the very same one started before.</summary>
    /// <param name="from">The edit that was tuned.</param>
    /// <param name="request">What is to be sampled.</param>
    /// <param name="key">Names the call: the same key gives the same edit; a new one when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<FetchedEdit> SampleAsync(EditId from, SampleRequest request, string? key = null, CancellationToken cancellationToken = default)
    {
        using var call = new HttpRequestMessage(HttpMethod.Post, $"edits/{from}/samples")
        {
            Content = JsonContent.Create(request, ContractsJsonContext.Default.SampleRequest),
        };
        call.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        return (await EditAsync(call, cancellationToken)).Edit!;
    }

    /// <summary>Reads an edit.</summary>
    public async Task<FetchedEdit> GetAsync(EditId id, CancellationToken cancellationToken = default)
    {
        using var request = Get($"edits/{id}");
        return (await EditAsync(request, cancellationToken)).Edit!;
    }

    /// <summary>Reads an edit; null when there is none, as while its start is on the way.</summary>
    public Task<FetchedEdit?> FindAsync(EditId id, CancellationToken cancellationToken = default) =>
        UnlessAsync("edit-not-found", () => GetAsync(id, cancellationToken));

    /// <summary>Reads a page of edits, the newest first.</summary>
    /// <param name="limit">Most edits of the page, up to 100; null is 100.</param>
    /// <param name="continuation">Where the page before ended.</param>
    /// <param name="state">Only the edits in this state.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<EditList> ListAsync(
        int? limit = null, string? continuation = null, EditState? state = null, CancellationToken cancellationToken = default)
    {
        using var request = Get($"edits?{PageOf(limit, continuation, state is { } wanted ? $"state={wanted.Name()}" : null)}");
        return await ReadAsync(request, ContractsJsonContext.Default.EditList, cancellationToken);
    }

    private static string PageOf(int? limit, string? continuation, string? more = null) => string.Join('&', new[]
    {
        limit is { } most ? string.Create(CultureInfo.InvariantCulture, $"limit={most}") : null,
        continuation is null ? null : $"continuation={Uri.EscapeDataString(continuation)}",
        more,
    }.OfType<string>());

    /// <summary>Asks to give an edit up. It ends at its next step, or has ended already: the answer tells.</summary>
    public async Task<FetchedEdit> CancelAsync(EditId id, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"edits/{id}/cancel");
        return (await EditAsync(request, cancellationToken)).Edit!;
    }

    /// <summary>Deletes an edit and all that belongs to it; one that is not there is gone.</summary>
    /// <returns>Null when it is gone; else a worker has it, and it goes as soon as that stops.</returns>
    public async Task<FetchedEdit?> DeleteAsync(EditId id, CancellationToken cancellationToken = default)
    {
        using var response = await DeleteAsync($"edits/{id}", "edit-not-found", cancellationToken);
        return response?.StatusCode == HttpStatusCode.Accepted
            ? new(await ReadAsync(response, ContractsJsonContext.Default.EditView, cancellationToken), response.Headers.ETag) : null;
    }

    private Task<HttpResponseMessage?> DeleteAsync(string path, string goneCode, CancellationToken cancellationToken) => UnlessAsync(
        goneCode,
        async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, path);
            return await SendAsync(request, cancellationToken);
        });

    // By PUT under an id that is chosen here, so that it may be repeated.
    private HttpRequestMessage Put(EditId? id, HttpContent content) =>
        new(HttpMethod.Put, $"edits/{id ?? EditId.New(_time.GetUtcNow())}") { Content = content };

    private async Task<EditAnswer> EditAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken);
        var edit = response.StatusCode == HttpStatusCode.NotModified
            ? null : new FetchedEdit(await ReadAsync(response, ContractsJsonContext.Default.EditView, cancellationToken), response.Headers.ETag);
        return new(edit, Retries.WaitOf(response, _time), response.Headers.Contains("Preference-Applied"));
    }

    /// <param name="Edit">Null when it is as it was.</param>
    /// <param name="RetryAfter">When to ask again.</param>
    /// <param name="HasWaited">The service waited before it answered, as it was asked to.</param>
    private sealed record EditAnswer(FetchedEdit? Edit, TimeSpan? RetryAfter, bool HasWaited);
}

/// <summary>The bytes of a picture, which stays open: another attempt sends them again.</summary>
internal sealed class PictureContent : StreamContent
{
    public PictureContent(Stream picture)
        : base(picture) => Headers.ContentType = new("application/octet-stream");

    /// <summary>The picture, in memory where it could not be read twice.</summary>
    public static async Task<Stream> RepeatableAsync(Stream picture, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.CanSeek) return picture;
        var copy = new MemoryStream();
        await picture.CopyToAsync(copy, cancellationToken);
        copy.Position = 0;
        return copy;
    }

    protected override void Dispose(bool disposing) => base.Dispose(disposing: false);
}
