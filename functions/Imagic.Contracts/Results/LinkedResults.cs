using System.Collections.Immutable;
using Imagic.Contracts.Edits;

namespace Imagic.Contracts.Results;

/// <summary>Where a file can be read without a key.</summary>
/// <param name="Url">Its address, for this file alone.</param>
/// <param name="Expires">Until when.</param>
public sealed record FileLink(string Url, DateTimeOffset Expires);

/// <summary>A file of an edit's results with an address of its own.</summary>
/// <param name="Url">Where it can be read without a key.</param>
public sealed record LinkedFile(string Name, long Length, string Sha256, string Url) : ResultFile(Name, Length, Sha256);

/// <summary>What the API tells about an edit's results.</summary>
/// <param name="EditId">Which edit this is.</param>
/// <param name="Epoch">The claim under which they were written.</param>
/// <param name="Files">All of them.</param>
/// <param name="Suggested">Names of the suggested pictures, one of each seed that there is, the best first.</param>
/// <param name="Drafts">Names of the pictures that were made in few steps, in the search for strengths.</param>
/// <param name="Expires">Until when their addresses can be read.</param>
public sealed record LinkedResults(
    EditId EditId, int Epoch, ImmutableArray<LinkedFile> Files, ImmutableArray<string> Suggested, ImmutableArray<string> Drafts, DateTimeOffset Expires);
