using Imagic.Functions.Problems;
using Imagic.Webhooks;

namespace Imagic.Functions.Webhooks;

/// <summary>The webhook that a request names.</summary>
internal static class RequestedWebhook
{
    /// <summary>The address, as it is kept; null when none is named.</summary>
    /// <exception cref="RequestProblemException">It must not be called.</exception>
    public static string? Check(string? url, WebhookOptions options)
    {
        try
        {
            return url is null ? null : WebhookUrl.Check(url, options);
        }
        catch (InvalidWebhookException exception)
        {
            throw new RequestProblemException(exception.Code, StatusCodes.Status400BadRequest, exception.Message, "webhook");
        }
    }
}
