using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Imagic.Client;

/// <summary>The events of an edit as they come.</summary>
/// <param name="content">Content of the answer.</param>
/// <param name="patience">After so long without one they are taken for broken off: a dead connection says nothing.</param>
internal sealed class EditEvents(Stream content, TimeSpan patience) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private IAsyncEnumerator<SseItem<EditView?>>? _items;

    /// <summary>The next state of the edit; null when no more comes this way.</summary>
    public async Task<EditView?> NextAsync(CancellationToken cancellationToken)
    {
        _items ??= SseParser.Create(content, Parse).EnumerateAsync(_end.Token).GetAsyncEnumerator(_end.Token);
        await using var stop = cancellationToken.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), _end);
        try
        {
            while (true)
            {
                _end.CancelAfter(patience);
                if (!await _items.MoveNextAsync()) return null;
                if (_items.Current.Data is { } view) return view;
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or JsonException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_items is not null) await _items.DisposeAsync();
        await content.DisposeAsync();
        _end.Dispose();
    }

    private static EditView? Parse(string type, ReadOnlySpan<byte> data) =>
        type == "edit" ? JsonSerializer.Deserialize(data, ContractsJsonContext.Default.EditView) : null;
}
