using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Imagic.Worker.Storage;

/// <summary>
/// Takes a blob as it is written and uploads it in blocks, several at a time. Nothing appears until
/// <see cref="CommitAsync"/>; a small blob takes a single call. Each block carries its MD5 (set on the client).
/// </summary>
/// <param name="blob">The blob; it must not exist.</param>
/// <param name="contentType">Media type that readers are told.</param>
/// <param name="metadata">Its metadata.</param>
/// <param name="cancellationToken">Gives up; nothing appears then.</param>
internal sealed class BlockUploadStream(
    BlockBlobClient blob, string contentType, IDictionary<string, string> metadata, CancellationToken cancellationToken) : Stream
{
    /// <summary>Bytes per block. 8 MiB × 50,000 blocks allow 400 GB.</summary>
    public const int BlockSize = 8 << 20;

    /// <summary>Blocks on their way at a time; with the one being filled, 40 MiB of buffers.</summary>
    private const int Parallelism = 4;

    private readonly List<string> _blocks = [];
    private readonly Queue<Task> _uploads = [];
    private byte[] _buffer = new byte[BlockSize];
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

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_filled == BlockSize) Send();
            var count = Math.Min(buffer.Length, BlockSize - _filled);
            buffer[..count].CopyTo(_buffer.AsSpan(_filled));
            buffer = buffer[count..];
            _filled += count;
            _length += count;
        }
    }

    public override void Flush()
    {
        // Blocks go when they are full.
    }

    /// <summary>Makes the blob appear. The name must be free: two writers never make one blob.</summary>
    public async Task CommitAsync()
    {
        var headers = new BlobHttpHeaders { ContentType = contentType };
        var conditions = new BlobRequestConditions { IfNoneMatch = Azure.ETag.All };
        if (_blocks.Count == 0)
        {
            using var content = new MemoryStream(_buffer, 0, _filled, writable: false);
            await blob.UploadAsync(
                content, new BlobUploadOptions { Metadata = metadata, HttpHeaders = headers, Conditions = conditions }, cancellationToken);
            return;
        }

        if (_filled > 0) Send();
        await Task.WhenAll(_uploads);
        await blob.CommitBlockListAsync(
            _blocks, new CommitBlockListOptions { Metadata = metadata, HttpHeaders = headers, Conditions = conditions }, cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // Writers of checkpoints are synchronous and run on a task of their own, so waiting here only slows them down to
    // the speed of the network.
    private void Send()
    {
        if (_uploads.Count == Parallelism) _uploads.Dequeue().GetAwaiter().GetResult();
        var id = Convert.ToBase64String(BitConverter.GetBytes(_blocks.Count));
        var content = new MemoryStream(_buffer, 0, _filled, writable: false);
        _blocks.Add(id);
        _uploads.Enqueue(Task.Run(() => blob.StageBlockAsync(id, content, cancellationToken: cancellationToken), cancellationToken));
        (_buffer, _filled) = (new byte[BlockSize], 0);
    }
}
