using System.Collections.Immutable;
using System.Text;
using Imagic.Contracts.Edits;
using Imagic.Functions.Hosting;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Batches;

/// <summary>Manifests in JSON Lines: a request on each line.</summary>
internal static class JsonLinesManifest
{
    /// <summary>The lines that are not empty.</summary>
    public static ImmutableArray<ManifestLine> Read(string text) =>
        [.. text.Split('\n').Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => ReadLine(line.Index + 1, line.Item))];

    private static ManifestLine ReadLine(int number, string line)
    {
        try
        {
            return ManifestLine.Of(number, RequestJson.Read<EditRequest>(Encoding.UTF8.GetBytes(line), "line"));
        }
        catch (RequestProblemException problem)
        {
            return ManifestLine.Bad(number, problem);
        }
    }
}
