using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Imagic.Studio.Tests;

/// <summary>What a person does with the pictures of an edit.</summary>
internal static class ChooseScreen
{
    public static ILocator Pictures(this IPage page) => page.GetByRole(AriaRole.Region, new() { Name = "Original and edit" });

    public static ILocator Wipe(this IPage page) => page.GetByRole(AriaRole.Slider, new() { Name = "Wipe between original and edit" });

    public static ILocator Strength(this IPage page) => page.GetByRole(AriaRole.Slider, new() { Name = "Strength" });

    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public static ILocator Button(this ILocator within, string name) => within.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Waits until the pictures are there to choose from: both are shown.</summary>
    public static async Task ToChooseAsync(this IPage page)
    {
        await Assertions.Expect(page.GetByAltText("The original")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByAltText(new Regex("^Version "))).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
    }

    /// <summary>Names of the files in a zip.</summary>
    public static async Task<List<string>> NamesInZipAsync(this IDownload download)
    {
        await using var zip = await ZipFile.OpenReadAsync(await download.PathAsync());
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.EndsWith(".png", StringComparison.Ordinal)))
        {
            // Its checksum is looked at.
            await using var content = await entry.OpenAsync();
            var start = new byte[8];
            await content.ReadExactlyAsync(start);
            Assert.Equal(PngSignature, start);
            await content.CopyToAsync(Stream.Null);
        }

        return [.. zip.Entries.Select(entry => entry.FullName)];
    }

    public static byte[] PngSignature => [0x89, .. "PNG\r\n\x1a\n"u8];
}
