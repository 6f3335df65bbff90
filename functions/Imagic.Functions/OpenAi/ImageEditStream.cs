using System.Text.Json;
using Imagic.Contracts.Edits;
using Imagic.Functions.Edits;
using Imagic.Functions.Edits.Waiting;
using Imagic.Functions.Problems;
using Imagic.Marks;
using Imagic.Storage;

namespace Imagic.Functions.OpenAi;

/// <summary>The events of an edit as OpenAI's API streams them: some previews, then the pictures, or an error.</summary>
internal sealed class ImageEditStream(RecordWatch watch, EditResults results, ExceptionProblems problems, PictureMarks marks, TimeProvider time)
{
    /// <summary>Writes them; false when too many calls wait already, and nothing is written.</summary>
    public async Task<bool> RunAsync(HttpRequest request, ImageEditRequest wanted, Stored<EditRecord> record, TimeSpan patience)
    {
        using var follower = watch.TryFollow(record);
        if (follower is null) return false;
        var (response, cancellationToken) = (request.HttpContext.Response, request.HttpContext.RequestAborted);
        EventStream.Open(response);
        response.Headers.Location = EditAnswers.AddressOf(request, record.Value.EditId);
        await response.WriteAsync(":\n\n", cancellationToken);
        try
        {
            await FollowAsync(follower, request, wanted, record, patience);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The status is out.
            await response.WriteAsync($"event: error\ndata: {OpenAiError.Of(problems.Of(exception, request.HttpContext)).ToJson()}\n\n", cancellationToken);
        }

        return true;
    }

    private async Task FollowAsync(
        RecordWatch.Follower follower, HttpRequest request, ImageEditRequest wanted, Stored<EditRecord> record, TimeSpan patience)
    {
        var (began, id, cancellationToken) = (time.GetTimestamp(), record.Value.EditId, request.HttpContext.RequestAborted);
        var (partials, preview) = (0, (string?)null);
        while (!record.Value.HasEnded())
        {
            var left = patience - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || watch.IsEnding)
            {
                throw new RequestProblemException(
                    "edit-goes-on", StatusCodes.Status504GatewayTimeout,
                    $"The edit '{id}' takes longer than a call may, and goes on. Ask for it at {EditAnswers.AddressOf(request, id)}.");
            }

            var next = await follower.NextAsync(record, left < EventStream.HeartBeat ? left : EventStream.HeartBeat, cancellationToken) ?? throw EditAnswers.NotFound(id);
            if (next == record) await request.HttpContext.Response.WriteAsync(":\n\n", cancellationToken);
            record = next;
            if (partials >= wanted.Partials || record.Value.ShownTurn().Progress?.Preview is not { } newest || newest == preview) continue;
            preview = newest;
            await WriteAsync(request.HttpContext.Response, wanted, ImageEditEvent.Partial, await results.ReadAsync(id, preview, cancellationToken), partials++);
        }

        foreach (var name in await results.PicturesAsync(record.Value, cancellationToken))
            await WriteAsync(request.HttpContext.Response, wanted, ImageEditEvent.Completed, await results.ReadAsync(id, name, cancellationToken));
    }

    private Task WriteAsync(HttpResponse response, ImageEditRequest wanted, string type, BinaryData picture, int? index = null)
    {
        var (base64, size) = wanted.Encode(picture, marks);
        var told = new ImageEditEvent(type, base64, time.GetUtcNow().ToUnixTimeSeconds(), wanted.FormatName, size, "opaque", "auto", index);
        return response.WriteAsync(
            $"event: {type}\ndata: {JsonSerializer.Serialize(told, ImageEditJsonContext.Default.ImageEditEvent)}\n\n", response.HttpContext.RequestAborted);
    }
}
