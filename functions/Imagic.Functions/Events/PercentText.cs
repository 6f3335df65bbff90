using System.Text;

namespace Imagic.Functions.Events;

/// <summary>Percent-encoded UTF-8.</summary>
internal static class PercentText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decodes once; null when a '%' is not followed by two hex digits, or the bytes are no UTF-8. A '+' stays one.</summary>
    public static string? Decode(string text)
    {
        try
        {
            var bytes = StrictUtf8.GetBytes(text);
            var length = 0;
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] != '%')
                {
                    bytes[length++] = bytes[i];
                    continue;
                }

                if (i + 2 >= bytes.Length || !char.IsAsciiHexDigit((char)bytes[i + 1]) || !char.IsAsciiHexDigit((char)bytes[i + 2])) return null;
                bytes[length++] = (byte)(HexValue(bytes[i + 1]) * 16 + HexValue(bytes[i + 2]));
                i += 2;
            }

            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (ArgumentException)
        {
            return null; // lone surrogates, or bytes that are no UTF-8
        }
    }

    private static int HexValue(byte digit) => char.IsAsciiDigit((char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
