using Imagic.Marks.Watermark;

namespace Imagic.Worker.Results;

/// <summary>Whether the source had been edited here before.</summary>
internal static class SourceMarks
{
    /// <summary>What a person is told; nothing where the source has no watermark of this program.</summary>
    public static IReadOnlyList<string> Notices(SourceImage source) => WatermarkReader.Read(source.Original) switch
    {
        null => [],
        { Payload: { } payload } => [$"The source carries the watermark of an earlier edit (its id's hash begins with {payload.EditText}): it had been edited by AI before."],
        _ => ["The source carries the watermark of an earlier edit: it had been edited by AI before."],
    };
}
