namespace Imagic.Functions.Events;

/// <summary>Which names of blobs are taken from events. Whatever else an event says of a blob is not used.</summary>
internal static class BlobName
{
    /// <summary>Characters of a name. The service takes 1024; the rest is for the names that are made from this one.</summary>
    public const int MaxLength = 900;

    /// <summary>Whether the name means the same to every client: no control characters, no step up or aside.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength
        && !name.Any(c => char.IsControl(c) || c == '\\')
        && !name.EndsWith('.')
        && name.Split('/').All(segment => segment is not ("" or "." or ".."));
}
