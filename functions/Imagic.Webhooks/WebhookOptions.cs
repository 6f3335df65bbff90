using Imagic.Contracts;

namespace Imagic.Webhooks;

/// <summary>Which webhooks may be called, and how calls are signed.</summary>
public sealed record WebhookOptions
{
    public const string HostsSetting = "IMAGIC_WEBHOOK_HOSTS";
    public const string SecretSetting = "IMAGIC_WEBHOOK_SECRET";

    // Of Standard Webhooks: shorter ones can be guessed, longer ones are no better.
    private const int ShortestSecret = 24;
    private const int LongestSecret = 64;
    private const string SecretPrefix = "whsec_";

    private static readonly char[] Separators = [',', ' '];

    /// <summary>Hosts, with or without a port, that may be at any address and need no https.</summary>
    public IReadOnlySet<string> Hosts { get; init; } = new HashSet<string>();

    /// <summary>Secrets, <c>whsec_</c> and base64. Each signs each call: during a change there are two.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Reads the settings.</summary>
    /// <exception cref="BadInputException">A secret is none.</exception>
    public static WebhookOptions Read(Func<string, string?> setting) => new()
    {
        Hosts = Split(setting(HostsSetting)).ToHashSet(StringComparer.OrdinalIgnoreCase),
        Secrets = [.. Split(setting(SecretSetting)).Select(CheckSecret)],
    };

    /// <summary>A secret as the setting takes it.</summary>
    /// <param name="random">Its bytes.</param>
    public static string Secret(ReadOnlySpan<byte> random) => SecretPrefix + Convert.ToBase64String(random);

    internal bool Allows(Uri url) => Hosts.Contains(url.IdnHost) || Hosts.Contains(url.Host) || Hosts.Contains($"{url.Host}:{url.Port}");

    private static string[] Split(string? text) => (text ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // Not quoted: it may be one with a letter missing.
    private static string CheckSecret(string text)
    {
        var bytes = new byte[text.Length];
        return text.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[SecretPrefix.Length..], bytes, out var length) && length is >= ShortestSecret and <= LongestSecret
            ? text
            : throw new BadInputException(
                $"A secret in {SecretSetting} is not '{SecretPrefix}' and base64 of {ShortestSecret} to {LongestSecret} bytes. 'imagic webhooks secret' makes one.");
    }
}
