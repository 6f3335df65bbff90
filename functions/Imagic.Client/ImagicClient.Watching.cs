using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;

namespace Imagic.Client;

/// <content>Following an edit: by events where the service has them, else by calls that wait, else by asking again and again.</content>
public sealed partial class ImagicClient
{
    // What the service waits at most.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // Whoever looks at a waiting call must not take it for a dead one.
    private TimeSpan LongestCall => _options.Timeout / 2 < LongestWait ? _options.Timeout / 2 : LongestWait;

    /// <summary>Reads an edit once there is something new to tell of it.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="wait">How long to wait for that; zero asks once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A newer state; null when there was none in that time.</returns>
    public async Task<FetchedEdit?> GetNewerAsync(FetchedEdit known, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(known);
        var started = _time.GetTimestamp();
        while (true)
        {
            var left = wait - _time.GetElapsedTime(started);
            var answer = await EditAsync(known, left, cancellationToken);
            if (answer.Edit is { } edit && edit.View.Sequence > known.View.Sequence) return edit;
            left = wait - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || known.View.State.HasEnded()) return null;
            if (answer.HasWaited) continue;
            var pause = _options.PollInterval ?? answer.RetryAfter ?? DefaultPollInterval;
            await Task.Delay(pause < left ? pause : left, _time, cancellationToken);
        }
    }

    /// <summary>The states of an edit, from the present one to its end. Only the newest counts: some may be left out.</summary>
    public async IAsyncEnumerable<EditView> WatchAsync(EditId id, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var newest = await GetAsync(id, cancellationToken);
        yield return newest.View;
        var hasEvents = true;
        while (!newest.View.State.HasEnded())
        {
            if (hasEvents)
            {
                await using var events = await EventsAsync(newest, cancellationToken);
                hasEvents = events is not null;
                while (events is not null && await events.NextAsync(cancellationToken) is { } view)
                {
                    if (view.Sequence <= newest.View.Sequence) continue;
                    yield return view;
                    newest = new(view, null);
                    if (view.State.HasEnded()) yield break;
                }
            }

            // After events, too: whatever came while they were broken off. They bring no ETag to ask for news with.
            var last = newest.View.Sequence;
            newest = newest.ETag is null
                ? await GetAsync(id, cancellationToken)
                : await GetNewerAsync(newest, hasEvents ? TimeSpan.Zero : LongestWait, cancellationToken) ?? newest;
            if (newest.View.Sequence > last) yield return newest.View;
            else if (hasEvents) await Task.Delay(_options.PollInterval ?? DefaultPollInterval, _time, cancellationToken);
        }
    }

    /// <summary>Waits for the end of an edit.</summary>
    /// <returns>The edit as it ended: succeeded, failed or cancelled.</returns>
    public async Task<EditView> WaitAsync(EditId id, CancellationToken cancellationToken = default) =>
        await WatchAsync(id, cancellationToken).LastAsync(cancellationToken);

    private async Task<EditAnswer> EditAsync(FetchedEdit known, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var request = Get($"edits/{known.View.EditId}");
        if (known.ETag is { } etag) request.Headers.IfNoneMatch.Add(etag);
        var seconds = Math.Floor(Math.Min(wait.TotalSeconds, LongestCall.TotalSeconds));
        if (seconds >= 1) request.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={seconds}"));
        return await EditAsync(request, cancellationToken);
    }

    // Null where the service has no events, or none to give at the moment.
    private async Task<EditEvents?> EventsAsync(FetchedEdit known, CancellationToken cancellationToken)
    {
        using var request = Get($"edits/{known.View.EditId}/events");
        request.Headers.Accept.Add(new("text/event-stream"));
        request.Headers.Add("Last-Event-ID", known.View.Sequence.ToString(CultureInfo.InvariantCulture));
        request.Options.Set(AttemptHandler.Streams, true);
        request.Options.Set(Retries.Never, true);
        try
        {
            var response = await SendAsync(request, cancellationToken);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
                return new(await response.Content.ReadAsStreamAsync(cancellationToken), _options.Timeout);
            response.Dispose();
            return null;
        }
        catch (ImagicApiException exception) when (exception.IsUnreachable)
        {
            // As if they had broken off at once: the look that follows is repeated, and tells when nobody is there.
            return new(Stream.Null, _options.Timeout);
        }
        catch (ImagicApiException exception) when (IsWithoutEvents(exception))
        {
            return null;
        }
    }

    // An edit that is gone and a key that is not right are told; the rest may still be asked in the plain way.
    private static bool IsWithoutEvents(ImagicApiException exception) =>
        exception.Code != "edit-not-found" && exception.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
}
