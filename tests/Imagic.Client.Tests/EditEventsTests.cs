using System.IO.Pipelines;
using System.Text;

namespace Imagic.Client.Tests;

public class EditEventsTests
{
    private readonly Pipe _pipe = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Next_OfEventsThatFallSilent_EndsThem()
    {
        await using var events = new EditEvents(_pipe.Reader.AsStream(), TimeSpan.FromMilliseconds(50));

        Assert.Null(await events.NextAsync(Token));
    }

    [Fact]
    public async Task Next_GivenUpBetweenTwo_EndsAtOnce()
    {
        await using var events = new EditEvents(_pipe.Reader.AsStream(), TimeSpan.FromMinutes(5));
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes($"event: edit\ndata: {Answers.ViewJson(7, EditState.Running)}\n\n"), Token);

        Assert.Equal(7, (await events.NextAsync(caller.Token))!.Sequence);
        var next = events.NextAsync(caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }
}
