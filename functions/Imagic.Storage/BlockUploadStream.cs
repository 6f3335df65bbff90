using System.Buffers.Binary;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Imagic.Storage;

/// <summary>
/// Takes a new blob as it is written and uploads it in blocks, several at a time. Nothing appears until
/// <see cref="CommitAsync"/>; a small blob takes a single call. Each block carries its MD5 (set on the client).
/// </summary>
/// <remarks>
/// The uploads of the SDK name blocks by their place, so that two that run beside each other mix their bytes; and they
/// want the metadata, which may be a hash of the content, before the content.
/// </remarks>
/// <param name="blob">The blob; it must not exist.</param>
/// <param name="contentType">Media type that readers are told.</param>
/// <param name="parallelism">Blocks on their way at a time; with the one being filled, that many and one are in memory.</param>
/// <param name="cancellationToken">Gives up; nothing appears then.</param>
public sealed class BlockUploadStream(BlockBlobClient blob, string contentType, int parallelism, CancellationToken cancellationToken) : Stream
{
    /// <summary>Bytes per block. 4 MiB × 50,000 blocks allow 200 GB.</summary>
    public const int BlockSize = 4 << 20;

    // The uploads of one blob have their own names of blocks.
    private readonly Guid _upload = Guid.NewGuid();
    private readonly List<string> _blocks = [];
    private readonly Queue<Task> _uploads = [];
    private byte[] _buffer = [];
    private int _filled;
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // Writers of checkpoints are synchronous and run on a task of their own, so waiting here only slows them down to
    // the speed of the network.
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_filled == BlockSize) SendAsync().GetAwaiter().GetResult();
            buffer = buffer[Take(buffer)..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            if (_filled == BlockSize) await SendAsync();
            buffer = buffer[Take(buffer.Span)..];
        }
    }

    public override void Flush()
    {
        // Blocks go when they are full.
    }

    /// <summary>Makes the blob appear.</summary>
    /// <param name="metadata">Its metadata.</param>
    /// <returns>False when the name is taken: two writers never make one blob.</returns>
    public async Task<bool> CommitAsync(IDictionary<string, string> metadata)
    {
        var headers = new BlobHttpHeaders { ContentType = contentType };
        var conditions = new BlobRequestConditions { IfNoneMatch = ETag.All };
        try
        {
            if (_blocks.Count == 0)
            {
                using var content = new MemoryStream(_buffer, 0, _filled, writable: false);
                await blob.UploadAsync(
                    content, new BlobUploadOptions { Metadata = metadata, HttpHeaders = headers, Conditions = conditions }, cancellationToken);
                return true;
            }

            if (_filled > 0) await SendAsync();
            await Task.WhenAll(_uploads);
            await blob.CommitBlockListAsync(
                _blocks, new CommitBlockListOptions { Metadata = metadata, HttpHeaders = headers, Conditions = conditions }, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.IsTaken())
        {
            return false;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private int Take(ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(bytes.Length, BlockSize - _filled);
        // Most blobs are far smaller than a block.
        if (_buffer.Length < _filled + count) Array.Resize(ref _buffer, (int)Math.Clamp(2L * (_filled + count), 64 << 10, BlockSize));
        bytes[..count].CopyTo(_buffer.AsSpan(_filled));
        _filled += count;
        _length += count;
        return count;
    }

    private async Task SendAsync()
    {
        if (_uploads.Count == parallelism) await _uploads.Dequeue();
        // As long for all blocks of a blob, as the service wants it.
        var id = new byte[20];
        _upload.TryWriteBytes(id);
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(16), _blocks.Count);
        _blocks.Add(Convert.ToBase64String(id));
        _uploads.Enqueue(SendAsync(_blocks[^1], new(_buffer, 0, _filled, writable: false)));
        (_buffer, _filled) = ([], 0);
    }

    // On a task of its own: the hash of a block takes a while.
    private Task SendAsync(string id, MemoryStream content) =>
        Task.Run(() => blob.StageBlockAsync(id, content, cancellationToken: cancellationToken), cancellationToken);
}
