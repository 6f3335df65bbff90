using System.Text;
using Imagic.Contracts;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Requests;

/// <summary>Reads the JSON of requests.</summary>
public static class RequestJson
{
    /// <inheritdoc cref="StrictJson.Read"/>
    /// <exception cref="RequestProblemException">It is no JSON, or does not fit the type.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, string what)
        where T : class
    {
        try
        {
            // Some editors put a byte order mark in front of what they save.
            return StrictJson.Read<T>(utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8, what);
        }
        catch (StrictJsonException exception)
        {
            throw new RequestProblemException(exception.Code, StatusCodes.Status400BadRequest, exception.Message, exception.Member);
        }
    }
}
