using System.Text;

namespace Imagic.Storage;

/// <summary>Text of queue messages: base64 on the wire, as the Functions host does it; raw JSON is read too.</summary>
public static class QueueText
{
    /// <summary>What is put on the queue for <paramref name="utf8"/>.</summary>
    public static string Encode(ReadOnlySpan<byte> utf8) => Convert.ToBase64String(utf8);

    /// <summary>UTF-8 of the message with this body.</summary>
    /// <exception cref="FormatException">It is neither JSON nor base64.</exception>
    public static byte[] Decode(string body)
    {
        var start = body.AsSpan().TrimStart();
        return start is ['{' or '[', ..] ? Encoding.UTF8.GetBytes(body) : Convert.FromBase64String(body);
    }
}
