using Imagic.Contracts.Results;
using Imagic.Contracts.Settings;
using Imagic.Functions.Tests;

namespace Imagic.Client.Tests;

/// <summary>Does what a worker would do, in no time.</summary>
internal static class FinishedEdit
{
    /// <summary>The suggested picture of the seed.</summary>
    public static string Picture(EditSettings settings, long seed) => $"{ResultManifest.PictureStem(seed, settings.Suggested)}.png";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The first edit that somebody starts, once it is there.</summary>
    public static async Task<EditView> FirstAsync(ImagicClient client)
    {
        while (true)
        {
            if ((await client.ListAsync(cancellationToken: Token)).Edits is [var edit, ..]) return (await client.GetAsync(edit.EditId, Token)).View;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }
    }

    public static ImagicClient NewClient(this FunctionApp app) => new(new() { Address = app.Address, PollInterval = TimeSpan.FromMilliseconds(50) });
}
