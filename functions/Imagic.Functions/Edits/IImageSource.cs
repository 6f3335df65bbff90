namespace Imagic.Functions.Edits;

/// <summary>A picture that somebody wants to have edited, wherever its bytes are.</summary>
public interface IImageSource
{
    /// <summary>Bytes of <see cref="Start"/> at most. They hold the header of nearly all pictures.</summary>
    const int StartBytes = 64 * 1024;

    string Name { get; }

    /// <summary>Length of the file in bytes.</summary>
    long Length { get; }

    /// <summary>The first bytes of the file; all of them when it is short.</summary>
    ReadOnlyMemory<byte> Start { get; }

    /// <summary>Opens the very file that <see cref="Start"/> was read from.</summary>
    /// <param name="from">Bytes to leave out, fewer than there are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Problems.RequestProblemException">It has changed since.</exception>
    Task<Stream> OpenAsync(long from, CancellationToken cancellationToken);
}
