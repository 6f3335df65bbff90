using System.Collections.Concurrent;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Worker.Tests;

/// <summary>What edits come to when nothing happens to them; each is made once for all tests that compare with it.</summary>
internal static class Undisturbed
{
    private static readonly ConcurrentDictionary<string, string> Results = new(StringComparer.Ordinal);

    /// <summary>SHA-256 of the pictures of the tiny edit with that model.</summary>
    public static async Task<string> ResultAsync(AzuriteFixture azurite, string model = MicroEdit.Model)
    {
        if (Results.TryGetValue(model, out var known)) return known;
        var token = TestContext.Current.CancellationToken;
        var edit = await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), token, settings: MicroEdit.SettingsOf(model), model: model);
        return Results[model] = (await edit.RunAsync(token)).ResultSha256!;
    }
}
