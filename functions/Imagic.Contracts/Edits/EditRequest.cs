using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Edits;

/// <summary>
/// What somebody asks for: the body of a start call, the sidecar of an upload, a line of a batch. Unknown members are
/// refused, so that a misspelt setting is not silently dropped.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EditRequest
{
    /// <summary>The sentence that becomes true of the picture.</summary>
    public string? TargetText { get; init; }

    /// <summary>Name of the picture in the container <c>uploads</c>, or the one that came with a key to upload it; absent where the picture itself comes along.</summary>
    public string? Source { get; init; }

    /// <summary>Name of the model package; the service's default when absent.</summary>
    public string? Model { get; init; }

    /// <summary>What differs from the profile.</summary>
    public EditOverrides? Settings { get; init; }

    /// <summary>Working size; the model's own with the picture's aspect when absent.</summary>
    public WorkingSize? Size { get; init; }

    /// <summary>Where the end of the edit is told: an https address. It decides nothing of the result.</summary>
    public string? Webhook { get; init; }

    /// <summary>All numbers of the edit, checked.</summary>
    /// <param name="model">The model that is used.</param>
    /// <param name="isCascade">Whether it is a pixel cascade, which has a profile of its own.</param>
    /// <exception cref="EditSettingsException">A setting is out of range, or there is no such profile.</exception>
    public EditSettings Resolve(string model, bool isCascade = false)
    {
        // Latents are 1/8 of the picture; the model's own multiple is checked by the worker, which has the model.
        if (Size is { } size && (size.Width is < 8 or > 4096 || size.Height is < 8 or > 4096 || size.Width % 8 != 0 || size.Height % 8 != 0))
            throw new EditSettingsException("size", "needs width and height from 8 to 4096 that are multiples of 8");
        return (Settings ?? new()).Resolve(TargetText ?? "", model, isCascade);
    }

    /// <summary>Hash of everything that decides the result: asking twice for the same gives the same.</summary>
    /// <param name="model">The model that is used.</param>
    /// <param name="settings">What <see cref="Resolve"/> gave.</param>
    /// <param name="size">Working size that was asked for.</param>
    /// <param name="sourceSha256">Of the picture file.</param>
    public static string Hash(string model, EditSettings settings, WorkingSize? size, string sourceSha256)
    {
        var settingsHash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(settings, ContractsJsonContext.Default.EditSettings));
        var rest = $"{model}\n{size?.Width}x{size?.Height}\n{sourceSha256}\n{Convert.ToHexStringLower(settingsHash)}";
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(rest)));
    }
}

/// <summary>Asks for more pictures of an edit's tuning: other strengths, seeds, steps or texts. Only the sample stage runs.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SampleRequest
{
    /// <summary>Another sentence on the same tuning; that of the edit when absent.</summary>
    public string? TargetText { get; init; }

    /// <summary>What differs from the edit's settings in sampling; what belongs to the tuning is refused.</summary>
    public EditOverrides? Settings { get; init; }

    /// <summary>Where the end of the new edit is told; not that of the first one.</summary>
    public string? Webhook { get; init; }
}
