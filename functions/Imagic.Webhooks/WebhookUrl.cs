using System.Net;
using Imagic.Contracts;

namespace Imagic.Webhooks;

/// <summary>Checks what somebody gives as a webhook. A name is looked up only when it is called, see <see cref="WebhookCaller"/>.</summary>
public static class WebhookUrl
{
    /// <summary>Most characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>The address, as it is kept.</summary>
    /// <exception cref="InvalidWebhookException">It must not be called, or nothing may be.</exception>
    public static string Check(string text, WebhookOptions options)
    {
        if (options.Secrets.Count == 0)
            throw new InvalidWebhookException("This service calls no webhooks, since it has no secret to sign them. Leave the webhook out, or ask whoever runs the service.");
        if (text.Length > MaxLength) throw new InvalidWebhookException($"The webhook has more than {MaxLength} characters.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
            throw new InvalidWebhookException("The webhook is no address. Give a whole one that begins with https://.");
        if (url.UserInfo.Length > 0) throw new InvalidWebhookException("The webhook has a user name or a password in it. Leave that out; calls are signed.");
        var isAllowed = options.Allows(url);
        if (url.Scheme != Uri.UriSchemeHttps && !(isAllowed && url.Scheme == Uri.UriSchemeHttp))
            throw new InvalidWebhookException("The webhook must begin with https://.");
        if (!isAllowed && IsLocal(url))
            throw new InvalidWebhookException("The webhook is at an address that is not public. Give one that can be reached from the internet.");
        return url.AbsoluteUri;
    }

    private static bool IsLocal(Uri url) => IPAddress.TryParse(url.IdnHost, out var address)
        ? !PublicAddress.Is(address)
        : url.IdnHost.TrimEnd('.') is var name && (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));
}

/// <summary>A webhook that must not be called.</summary>
public sealed class InvalidWebhookException(string message) : ImagicException("invalid-webhook", FaultKind.BadInput, message);
