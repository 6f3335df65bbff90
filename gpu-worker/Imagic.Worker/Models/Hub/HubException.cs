using System.Net;
using Imagic.Storage;

namespace Imagic.Worker.Models.Hub;

/// <summary>A hub does not give a model; the sentence says why and what to do.</summary>
public sealed class HubException(string code, FaultKind kind, string message, Exception? inner = null) : ImagicException(code, kind, message, inner)
{
    public const string Unreachable = "hub-unreachable", Busy = "hub-busy", Refused = "hub-refused", Missing = "hub-missing", Changed = "hub-changed";

    /// <summary>The connection failed or broke: the same call may go well at once.</summary>
    public bool IsBroken => Code == Unreachable;

    /// <summary>Nothing is known against the model: later it may be given.</summary>
    public bool IsPassing => Code is Unreachable or Busy;

    internal static HubException NotReached(Uri address, string why, Exception? inner = null) => new(
        Unreachable, FaultKind.Failed,
        $"{address.Host} cannot be reached, or broke off: {why.TrimEnd('.')}. Is this machine online? What was fetched is kept; the same command goes on with it.", inner);

    internal static HubException OtherBytes(string what) => new(
        Changed, FaultKind.Failed, $"{what} It was changed in between, or damaged on the way; the same command fetches it again.");

    internal static HubException WebPage(Uri address) => new(
        Refused, FaultKind.Failed,
        $"{address.GetLeftPart(UriPartial.Path)} answers with a web page. Is that the address of a hub, and does this network want a sign-in first?");

    /// <summary>What an answer that is not the file means.</summary>
    internal static HubException Of(HttpResponseMessage answer, string model, string? revision, string? file, HubOptions options)
    {
        var status = answer.StatusCode;
        var message = Header(answer, "X-Error-Message") is { } text ? $" It says: {text.TrimEnd('.')}." : "";
        var (page, tokens) = ($"{options.Address}{model}", $"{options.Address}settings/tokens");
        return (Header(answer, "X-Error-Code"), status) switch
        {
            ("GatedRepo", _) => new(
                Refused, FaultKind.BadInput,
                $"The owner of '{model}' gives it only to who has accepted the terms at {page}. Sign in and accept them there, then make a token at {tokens} and set HF_TOKEN to it"
                + (options.Token is null ? "." : "; the present token is of nobody who has.") + message),
            ("RevisionNotFound", _) => new(Missing, FaultKind.BadInput, $"'{model}' has no revision '{revision}'. What there is: {page}/tree/main"),
            ("EntryNotFound", _) => new(Missing, FaultKind.Failed, $"'{model}' does not have its file {file} any more. Run the command again."),
            (_, HttpStatusCode.Unauthorized) when options.Token is not null && Header(answer, "X-Error-Code") is null => new(
                Refused, FaultKind.BadInput, $"{options.Address.Host} does not accept the token (HF_TOKEN, or the file of the hub's tools). Make another at {tokens}.{message}"),
            ("RepoNotFound", _) or (_, HttpStatusCode.NotFound or HttpStatusCode.Unauthorized) => new(
                Missing, FaultKind.BadInput,
                $"There is no model '{model}' at {options.Address.Host}, or it is private. Check its name"
                + (options.Token is null ? $"; for a private one make a token at {tokens} and set HF_TOKEN to it.{message}" : $", and that the token may read it.{message}")),
            (_, HttpStatusCode.Forbidden) => new(Refused, FaultKind.BadInput, $"{options.Address.Host} refuses '{model}'; the token may not read it, or nobody may.{message}"),
            (_, HttpStatusCode.RequestedRangeNotSatisfiable) => OtherBytes($"{file} of '{model}' is shorter than the hub says."),
            _ when StorageErrors.IsTransient((int)status) => new(
                Busy, FaultKind.Failed, $"{answer.RequestMessage!.RequestUri!.Host} answers {(int)status} and has no time{After(answer)}. Run the command again then; what was fetched is kept.{message}"),
            _ => new(Refused, FaultKind.Failed, $"{answer.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Path)} answers {(int)status} {answer.ReasonPhrase}.{message}"),
        };
    }

    private static string After(HttpResponseMessage answer) => answer.Headers.RetryAfter?.Delta is { } wait ? $" for {wait.TotalSeconds:F0} s" : "";

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
