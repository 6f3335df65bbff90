using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Azure;
using Imagic.Contracts;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Requests;

/// <summary>Which page of a list is asked for.</summary>
/// <param name="Continuation">Where the page before ended; null begins with the first.</param>
/// <param name="Limit">Most entries of the page.</param>
internal sealed record PageQuery(string? Continuation, int Limit)
{
    private const int MaxLimit = 100;

    // What the storage gives may be a blob's name.
    private const int MaxContinuation = 5000;

    /// <summary>Reads <c>continuation</c> and <c>limit</c>.</summary>
    /// <exception cref="RequestProblemException">One of them is wrong.</exception>
    public static PageQuery Of(IQueryCollection query) => new(ParseContinuation(query["continuation"]), ParseLimit(query["limit"]));

    /// <summary>Reads the page from storage.</summary>
    /// <exception cref="RequestProblemException">The continuation is none of the storage's.</exception>
    public async Task<T> ReadAsync<T>(Func<string?, int, Task<T>> read)
    {
        try
        {
            return await read(Continuation, Limit);
        }
        catch (RequestFailedException exception) when (exception.IsInvalid() && Continuation is not null)
        {
            throw InvalidContinuation();
        }
    }

    /// <summary>Where a page ended, as callers give it back: any text of the storage, in letters that an address may have.</summary>
    public static string? Encode(string? continuation) => continuation is null ? null : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(continuation));

    private static string? ParseContinuation(string? text)
    {
        if (text is null) return null;
        // What decodes leaves white space out of account.
        return text.Length is > 0 and <= MaxContinuation && !text.Any(char.IsWhiteSpace) && Base64Url.IsValid(text)
            && Utf8Text.TryDecode(Base64Url.DecodeFromChars(text), out var continuation) && !continuation.Any(char.IsControl)
                ? continuation : throw InvalidContinuation();
    }

    private static RequestProblemException InvalidContinuation() => new(
        "invalid-continuation", StatusCodes.Status400BadRequest,
        "The continuation is not one that this service gave. Start without it.", "continuation");

    private static int ParseLimit(string? text) => text switch
    {
        null => MaxLimit,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit => limit,
        _ => throw new RequestProblemException(
            "invalid-limit", StatusCodes.Status400BadRequest, $"The limit must be a number from 1 to {MaxLimit}.", "limit"),
    };
}
