using System.Globalization;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits.Waiting;

/// <summary>Tells of an edit by server-sent events, as the HTML standard defines them.</summary>
internal sealed partial class EventStream(RecordWatch watch, TimeProvider time, ILogger<EventStream> logger)
{
    public const string MediaType = "text/event-stream";
    public const string LastEventId = "Last-Event-ID";

    /// <summary>The front end ends every call after 230 s, whatever was sent meanwhile.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(200);

    /// <summary>Proxies on the way end a connection over which nothing moves, some after 30 s.</summary>
    public static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(15);

    /// <summary>Writes the states of an edit from now on, until it has ended or the call has taken long enough.</summary>
    /// <exception cref="RequestProblemException">Too many calls wait already.</exception>
    public async Task<IResult> RunAsync(HttpRequest request, Stored<EditRecord> record)
    {
        var response = request.HttpContext.Response;
        var isKnown = request.Headers[LastEventId] == IdOf(record);
        // Whoever is told so does not connect again.
        if (isKnown && record.Value.HasEnded()) return TypedResults.NoContent();
        Open(response);
        if (HttpMethods.IsHead(request.Method)) return TypedResults.Empty;
        using var follower = watch.TryFollow(record) ?? throw new RequestProblemException(
            "too-many-waits", StatusCodes.Status503ServiceUnavailable,
            "Too many calls wait for edits here. Ask for the edit itself from time to time, or send the same request again later.");
        try
        {
            await FollowAsync(follower, response, record, isKnown, request.HttpContext.RequestAborted);
        }
        catch (Exception exception) when (response.HasStarted)
        {
            // The status is out; whoever connects again is told.
            if (!request.HttpContext.RequestAborted.IsCancellationRequested) LogBroken(exception, record.Value.EditId);
        }

        return TypedResults.Empty;
    }

    /// <summary>Says that events follow, which nobody on the way is to hold back.</summary>
    public static void Open(HttpResponse response)
    {
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx, and what behaves like it
    }

    private async Task FollowAsync(
        RecordWatch.Follower follower, HttpResponse response, Stored<EditRecord> record, bool isKnown, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await WriteAsync("retry: 2000\n\n");
        if (!isKnown) await WriteAsync(EventOf(record));
        while (!record.Value.HasEnded() && Longest - time.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            var next = await follower.NextAsync(record, left < HeartBeat ? left : HeartBeat, cancellationToken);
            if (watch.IsEnding) return;
            await WriteAsync(next is null ? GoneEvent(record.Value.EditId) : next == record ? ":\n\n" : EventOf(next));
            if (next is null) return;
            record = next;
        }

        Task WriteAsync(string text) => response.WriteAsync(text, cancellationToken);
    }

    private static string EventOf(Stored<EditRecord> record) =>
        $"id: {IdOf(record)}\nevent: edit\ndata: {JsonSerializer.Serialize(EditView.Of(record.Value), ContractsJsonContext.Default.EditView)}\n\n";

    // An event without data is none.
    private static string GoneEvent(EditId id)
    {
        var refusal = EditAnswers.NotFound(id);
        var problem = new Problem("Not Found", refusal.Status, refusal.Code, refusal.Message, refusal.Member);
        return $"event: gone\ndata: {JsonSerializer.Serialize(problem, FunctionsJsonContext.Default.Problem)}\n\n";
    }

    private static string IdOf(Stored<EditRecord> record) => record.Value.Sequence.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The events of the edit {Id} broke off")]
    private partial void LogBroken(Exception exception, EditId id);
}
