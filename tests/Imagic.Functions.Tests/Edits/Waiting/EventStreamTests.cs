using System.IO.Pipelines;
using Imagic.Functions.Edits.Waiting;
using Imagic.Functions.Problems;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Functions.Tests.Edits.Waiting;

public class EventStreamTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_OfAnEditThatDoesNotMove_BeatsEvery15SecondsAndEndsAfter200()
    {
        var edit = await WatchedEdit.CreateAsync(azurite, maxWaits: 1);
        var (lines, running) = Run(edit, new DefaultHttpContext());

        Assert.Equal(["retry: 2000", "", "id: 0", "event: edit"], await ReadAsync(lines, 4));
        Assert.StartsWith("data: {\"editId\":\"cat-1\"", (await ReadAsync(lines, 2))[0], StringComparison.Ordinal);

        var beat = ReadAsync(lines, 2);
        var seconds = await edit.AdvanceUntilAsync(() => beat.IsCompleted);
        Assert.Equal([":", ""], await beat);
        Assert.InRange(seconds, 15, 200);

        var rest = lines.ReadToEndAsync(Cancellation);
        seconds += await edit.AdvanceUntilAsync(() => running.IsCompleted);
        Assert.InRange(seconds, 200, int.MaxValue);
        await running;
        Assert.Equal("", (await rest).Replace(":\n\n", "", StringComparison.Ordinal));
        Assert.NotNull(edit.Watch.TryFollow(edit.First));
    }

    [Fact]
    public async Task Stream_WhoseReaderGoes_EndsAndLeavesItsPlace()
    {
        var edit = await WatchedEdit.CreateAsync(azurite, maxWaits: 1);
        using var aborted = new CancellationTokenSource();
        var http = new DefaultHttpContext { RequestAborted = aborted.Token };
        var (lines, running) = Run(edit, http);
        await ReadAsync(lines, 6);
        await Assert.ThrowsAsync<RequestProblemException>(() => Run(edit, new DefaultHttpContext()).Running);

        await aborted.CancelAsync();

        // Its status is out only where a server has sent it.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.NotNull(edit.Watch.TryFollow(edit.First));
    }

    [Fact]
    public async Task Stream_OfAnInstanceThatEnds_EndsSoThatItsReaderConnectsToAnother()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        var (lines, running) = Run(edit, new DefaultHttpContext());
        await ReadAsync(lines, 6);

        edit.Lifetime.StopApplication();

        await running;
        Assert.Null(await lines.ReadLineAsync(Cancellation));
    }

    private static (StreamReader Lines, Task Running) Run(WatchedEdit edit, DefaultHttpContext http)
    {
        var pipe = new Pipe();
        http.Response.Body = pipe.Writer.AsStream();
        return (new(pipe.Reader.AsStream()), RunAsync());

        async Task RunAsync()
        {
            await new EventStream(edit.Watch, edit.Time, NullLogger<EventStream>.Instance).RunAsync(http.Request, edit.First);
            await pipe.Writer.CompleteAsync();
        }
    }

    private static async Task<string[]> ReadAsync(StreamReader lines, int count)
    {
        var read = new string[count];
        for (var i = 0; i < count; i++) read[i] = await lines.ReadLineAsync(Cancellation) ?? throw new EndOfStreamException();
        return read;
    }
}
