using System.Text.RegularExpressions;
using Imagic.Contracts.Edits;

namespace Imagic.Studio.Tests;

/// <summary>What a person does on the start screen.</summary>
internal static partial class StartScreen
{
    public static ILocator ChooseAPhoto(this IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Choose a photo" });

    public static ILocator Photo(this IPage page) => page.GetByAltText("Your photo");

    public static ILocator Sentence(this IPage page) => page.GetByLabel("What should it show?");

    public static ILocator Start(this IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Start the edit" });

    /// <summary>Drags a file over the page and drops it.</summary>
    public static async Task DropAsync(this IPage page, string name, byte[] content)
    {
        await using var files = await page.EvaluateHandleAsync(
            """
            ([name, base64]) => {
              const files = new DataTransfer();
              files.items.add(new File([Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))], name));
              return files;
            }
            """,
            new[] { name, Convert.ToBase64String(content) });
        foreach (var type in (string[])["dragenter", "dragover", "drop"]) await page.DispatchEventAsync("body", type, new { dataTransfer = files });
    }

    /// <summary>Chooses a picture in the file chooser that a press opens.</summary>
    public static async Task ChooseAsync(this IPage page, string file, Func<Task> press)
    {
        var opened = page.WaitForFileChooserAsync();
        // The browser answers after it has been told that the chooser is waited for.
        await page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
        await press();
        await (await opened).SetFilesAsync(file);
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
    }

    /// <summary>Drops the usual picture and says what it should show; what comes of it is small and soon there.</summary>
    public static async Task FillAsync(this IPage page, string text)
    {
        await page.DropAsync("red-heart.png", await File.ReadAllBytesAsync(StudioEdits.Picture));
        await Assertions.Expect(page.Photo()).ToBeVisibleAsync();
        await page.Sentence().FillAsync(text);
        await page.ChooseFewAsync();
    }

    /// <summary>Pictures that a draft makes after <see cref="ChooseFewAsync"/>: of two versions, three strengths and two blends.</summary>
    public const int Few = 12;

    /// <summary>A recipe of few steps, and few pictures.</summary>
    public static async Task ChooseFewAsync(this IPage page)
    {
        await page.GetByText("More options").First.ClickAsync();
        await page.GetByLabel("Recipe").SelectOptionAsync("emoji-64");
        foreach (var strength in (string[])["0.6", "1"]) await page.GetByRole(AriaRole.Group, new() { Name = "Strengths" }).Button(strength).ClickAsync();
        var versions = page.GetByRole(AriaRole.Group, new() { Name = "Versions" });
        while (await versions.GetByRole(AriaRole.Status).TextContentAsync() != "2")
            await versions.GetByRole(AriaRole.Button, new() { Name = "Fewer versions" }).ClickAsync();
    }

    /// <summary>Waits until the edit is accepted and watched.</summary>
    public static async Task<EditId> StartedAsync(this IPage page)
    {
        await Assertions.Expect(page).ToHaveURLAsync(Watched());
        return EditId.Parse(Watched().Match(page.Url).Groups[1].Value);
    }

    [GeneratedRegex("#/edits/(.+)$")]
    private static partial Regex Watched();
}
