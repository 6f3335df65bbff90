using Azure;

namespace Imagic.Storage;

/// <summary>ETags as parts of ids: the content of a blob by its name and ETag. Ids that exist depend on the spelling.</summary>
public static class ETags
{
    /// <summary>The ETag without quotes.</summary>
    public static string Text(this ETag etag) => etag.ToString("G").Trim('"');
}
