using System.Buffers.Text;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Imaging;

namespace Imagic.Functions.Mcp;

/// <summary>A picture that came as text.</summary>
internal sealed class BytesImage(byte[] file) : IImageSource
{
    public string Name => "picture";

    public long Length => file.Length;

    public ReadOnlyMemory<byte> Start => file.AsMemory(0, Math.Min(IImageSource.StartBytes, file.Length));

    /// <summary>Reads base64, with or without what a data address has before it.</summary>
    /// <exception cref="RequestProblemException">It is none, or too long.</exception>
    public static BytesImage Parse(string text)
    {
        if (Base64.GetMaxDecodedFromUtf8Length(text.Length) > ImageLimits.Default.MaxBytes + 1024L)
        {
            throw new RequestProblemException(
                "picture-too-large", StatusCodes.Status413PayloadTooLarge,
                $"The picture is larger than {ImageLimits.Default.MaxBytes:N0} bytes. Send a smaller or more compressed one.", "picture");
        }

        const string Marker = ";base64,";
        var data = text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && text.IndexOf(Marker, StringComparison.OrdinalIgnoreCase) is > 0 and var end
            ? text[(end + Marker.Length)..] : text;
        try
        {
            return new(Convert.FromBase64String(data));
        }
        catch (FormatException)
        {
            throw new RequestProblemException(
                "invalid-picture", StatusCodes.Status400BadRequest,
                "The picture is no base64. Give the file's bytes in base64, or the name of an uploaded picture as source.", "picture");
        }
    }

    public Task<Stream> OpenAsync(long from, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new MemoryStream(file, (int)from, file.Length - (int)from, writable: false));
}
