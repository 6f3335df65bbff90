using System.Text;

namespace Imagic.Contracts;

/// <summary>The rule for names of blobs that others choose: they mean the same to every client, and none steps up or aside.</summary>
public static class BlobName
{
    /// <summary>Characters of a name. The service takes 1024; the rest is for the names that are made from this one.</summary>
    public const int MaxLength = 900;

    private const int ServiceLength = 1024;

    /// <summary>What breaks the rule, to stand after the thing that is named; null when nothing does.</summary>
    public static string? Problem(string name)
    {
        if (name.Length is 0 or > MaxLength) return $"has {name.Length} characters; 1 to {MaxLength} are accepted";
        if (name.Any(char.IsControl)) return "holds control characters";
        if (!Utf8Text.IsWhole(name)) return "holds half of a surrogate pair";
        if (name.Contains('\\')) return "holds a backslash; folders are separated by '/'";
        if (name.Split('/').Any(segment => segment is "" or "." or "..")) return "begins or ends with '/', or holds an empty, '.' or '..' segment";
        return name.EndsWith('.') ? "ends with a dot" : null;
    }

    /// <summary>Name of the blob that tells the problem of a file, however bad the file's own is; cut where there is no room for
    /// all of it. Null where no address leads to such a name.</summary>
    public static string? OfProblem(string file)
    {
        var name = Utf8Text.Start(file, ServiceLength - StoragePaths.ProblemSuffix.Length);
        var isReachable = name.Length > 0 && Utf8Text.IsWhole(name) && !name.Any(c => char.IsControl(c) || c == '\\')
            && name.Split('/').All(segment => segment is not ("." or ".."));
        return isReachable ? name + StoragePaths.ProblemSuffix : null;
    }

    /// <summary>A file name that somebody gave, as one segment that can be shown and stored.</summary>
    public static string OfFile(string name)
    {
        // Names are shown to people; longer ones only get in the way.
        const int Longest = 200;
        var last = name.Split('/', '\\')[^1];
        var segment = string.Concat(last.EnumerateRunes().Where(rune => !Rune.IsControl(rune)).TakeLast(Longest)).Trim().TrimEnd('.');
        return segment.Length > 0 ? segment : "picture";
    }
}
