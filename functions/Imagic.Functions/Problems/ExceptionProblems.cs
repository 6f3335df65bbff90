using System.Diagnostics;
using Azure.Identity;
using Imagic.Contracts;
using Imagic.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace Imagic.Functions.Problems;

/// <summary>What callers are told of exceptions. What they cannot mend is logged.</summary>
internal sealed partial class ExceptionProblems(ILogger<ExceptionProblems> logger)
{
    public Problem Of(Exception exception, HttpContext context)
    {
        switch (exception)
        {
            case RequestProblemException refusal:
                LogRefused(context.Request.Method, context.Request.Path, refusal.Status, refusal.Code, refusal.Message);
                return Make(refusal.Status, refusal.Code, refusal.Message) with { Member = refusal.Member };
            case TooManyEditsException tooMany:
                LogRefused(context.Request.Method, context.Request.Path, StatusCodes.Status429TooManyRequests, tooMany.Code, tooMany.Message);
                return Make(StatusCodes.Status429TooManyRequests, tooMany.Code, tooMany.Message);
            case ImagicException failure:
                LogFailure(failure, context.Request.Method, context.Request.Path);
                return Make(StatusCodes.Status500InternalServerError, failure.Code, failure.Message);
            case BadHttpRequestException bad:
                return OfStatus(bad.StatusCode);
            case var _ when StorageErrors.IsTransient(exception) || exception is AuthenticationFailedException:
                LogStorage(exception, context.Request.Method, context.Request.Path);
                return Make(
                    StatusCodes.Status503ServiceUnavailable, "storage-unavailable",
                    "The storage account does not answer at the moment. Send the same request again later; repeating it is safe.");
            default:
                LogFailure(exception, context.Request.Method, context.Request.Path);
                return Make(
                    StatusCodes.Status500InternalServerError, "internal-error",
                    "Something went wrong here. Repeating the request is safe; if it fails again, report the trace id.")
                    with { TraceId = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier };
        }
    }

    public static Problem OfStatus(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => Make(status, "request-timeout", "The body came too slowly. Send it again over a faster connection."),
        StatusCodes.Status413PayloadTooLarge => Make(status, "body-too-large", "The body is larger than is accepted here."),
        _ => Make(status, "bad-request", "The request could not be read. Check its headers and that its body is complete."),
    };

    private static Problem Make(int status, string code, string detail) => new(ReasonPhrases.GetReasonPhrase(status), status, code, detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused {Method} {Path}: {Status} {Code}: {Detail}")]
    private partial void LogRefused(string method, PathString path, int status, string code, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Storage failed during {Method} {Path}")]
    private partial void LogStorage(Exception exception, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected failure of {Method} {Path}")]
    private partial void LogFailure(Exception exception, string method, PathString path);
}
