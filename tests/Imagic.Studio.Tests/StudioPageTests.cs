using Xunit.Sdk;

namespace Imagic.Studio.Tests;

/// <summary>That a page which is not as it should be does not pass.</summary>
public class StudioPageTests(StudioFixture studio) : StudioTest(studio)
{
    [Fact]
    public async Task Faults_AreEverythingThatThePageComplainsOf()
    {
        var page = await OpenAsync();
        Assert.Empty(page.Faults);

        await page.Page.EvaluateAsync(
            """
            async () => {
              console.error('a complaint');
              setTimeout(() => { throw new Error('an exception'); });
              const image = new Image();
              image.src = 'https://pictures.example/a.png';
              await new Promise(resolve => addEventListener('securitypolicyviolation', resolve, { once: true }));
            }
            """);
        await page.Page.GotoAsync("https://elsewhere.invalid/").ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default);

        string[] expected = ["console: a complaint", "exception: Error: an exception", "security policy: img-src forbids https://pictures.example/a.png", "request to another host: GET https://elsewhere.invalid/"];
        Assert.All(expected, fault => Assert.Contains(page.Faults, found => found.StartsWith(fault, StringComparison.Ordinal)));
        foreach (var fault in (string[])[.. expected, "console:", "request to another host: GET https://pictures.example"]) page.Expect(fault);
    }

    [Fact]
    public async Task WhatIsNotAccessible_IsNamed()
    {
        var page = await OpenAsync();
        await page.Page.EvaluateAsync("document.querySelector('nav').append(Object.assign(new Image(), { src: '/studio/icon.svg', id: 'nameless' }))");
        await page.Page.EvaluateAsync("document.querySelector('h1').style.color = 'light-dark(#000, #222)'");

        var finding = await Assert.ThrowsAnyAsync<XunitException>(page.AssertAccessibleAsync);

        Assert.Contains("critical image-alt", finding.Message, StringComparison.Ordinal);
        Assert.Contains("nameless", finding.Message, StringComparison.Ordinal);
        // In the dark only.
        Assert.Contains("foreground color: #222222", finding.Message, StringComparison.Ordinal);
    }
}
