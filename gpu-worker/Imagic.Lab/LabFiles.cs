using Imagic.Cli;
using Imagic.Cli.Up;

namespace Imagic.Lab;

/// <summary>What lies in the checkout for the lab; a published program has it below the current folder.</summary>
internal static class LabFiles
{
    /// <summary>Where `npm ci` puts the emoji sets.</summary>
    public static string EmojiPackages { get; } = Path.Combine(Folder, "npm");

    /// <summary>The network that edits are measured with.</summary>
    public static string Scorer { get; } = Path.Combine(Folder, "EmojiEdBench", "scorer");

    private static string Folder => Path.Combine(Checkout.Root ?? Directory.GetCurrentDirectory(), "gpu-worker", "Imagic.Lab");
}
