namespace Imagic.Contracts;

/// <summary>Hashes as this program writes them.</summary>
public static class Hex
{
    /// <summary>Whether it is a SHA-256: 64 lower-case hexadecimal digits.</summary>
    public static bool IsSha256(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);
}
