namespace Imagic.Editing;

/// <summary>
/// Work on this machine's own files. What fails here is the machine's fault: a full disk must be told from storage that
/// does not answer, and both throw <see cref="IOException"/>.
/// </summary>
/// <param name="probe">Sees the path before each piece of work; what it throws counts as the disk's.</param>
public sealed class LocalDisk(Action<string>? probe = null)
{
    /// <summary>Does something with a file or folder.</summary>
    /// <exception cref="MachineException">The disk does not let it.</exception>
    public T Do<T>(string path, Func<T> work)
    {
        try
        {
            probe?.Invoke(path);
            return work();
        }
        catch (Exception exception) when (IsDiskError(exception))
        {
            throw Failure(path, exception);
        }
    }

    /// <inheritdoc cref="Do{T}"/>
    public void Do(string path, Action work) => Do(path, () =>
    {
        work();
        return 0;
    });

    /// <inheritdoc cref="Do{T}"/>
    public async Task<T> DoAsync<T>(string path, Func<Task<T>> work)
    {
        try
        {
            probe?.Invoke(path);
            return await work();
        }
        catch (Exception exception) when (IsDiskError(exception))
        {
            throw Failure(path, exception);
        }
    }

    /// <summary>Makes a file, or empties it, for a writer that reads from elsewhere: only its writes are the disk's.</summary>
    /// <exception cref="MachineException">The disk does not let it.</exception>
    public Stream Create(string path) => Do(path, () =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new LocalFile(this, path);
    });

    /// <summary>Deletes a file or folder that nobody needs any more; what stays is removed some other time.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }
        catch (Exception exception) when (IsDiskError(exception))
        {
            // Nothing depends on it.
        }
    }

    // The last is EFBIG, the one error of a disk that .NET takes for a bad argument.
    private static bool IsDiskError(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    private static MachineException Failure(string path, Exception exception) => new(
        "local-disk",
        $"The disk of this machine cannot be used in the folder {Path.GetDirectoryName(path)}: {exception.Message} Make room there and allow writing, or choose another folder.",
        exception);

    private sealed class LocalFile(LocalDisk disk, string path) : Stream
    {
        // Without a buffer, so that nothing is left to fail when it is closed.
        private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _file.Length;

        public override long Position
        {
            get => _file.Position;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => disk.Do(path, () => _file.Write(buffer, offset, count));

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await disk.DoAsync(path, async () =>
        {
            await _file.WriteAsync(buffer, cancellationToken);
            return 0;
        });

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
            // There is no buffer.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) _file.Dispose();
            base.Dispose(disposing);
        }
    }
}
