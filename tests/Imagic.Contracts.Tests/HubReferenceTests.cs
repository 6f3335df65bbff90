using Imagic.Contracts.Models;

namespace Imagic.Contracts.Tests;

public class HubReferenceTests
{
    [Theory]
    [InlineData("stable-diffusion-v1-5/stable-diffusion-v1-5", "stable-diffusion-v1-5/stable-diffusion-v1-5", null, "stable-diffusion-v1-5")]
    [InlineData("a/b@main", "a/b", "main", "b")]
    [InlineData("a/b@refs/pr/1", "a/b", "refs/pr/1", "b")]
    [InlineData("gpt2", "gpt2", null, "gpt2")]
    public void Parse_OfAModel_TakesItApart(string text, string name, string? revision, string model)
    {
        var reference = HubReference.Parse(text);

        Assert.Equal((name, revision, model, text), (reference.Name, reference.Revision, reference.ModelName, reference.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c")]
    [InlineData("a/b@")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("a/b@../../c")]
    [InlineData("https://huggingface.co/a/b")]
    [InlineData("a b/c")]
    public void Parse_OfAnythingElse_IsRefused(string text) => Assert.Contains("OWNER/NAME", Assert.Throws<BadInputException>(() => HubReference.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void ReadAll_OfTheSetting_KnowsNamesAndHubs()
    {
        Assert.Equal([new("emoji-64", null), new("sd", new("owner/sd", "abc"))], ModelEntry.ReadAll(" emoji-64 ,, hub:owner/sd@abc"));
        Assert.Empty(ModelEntry.ReadAll(null));
    }

    [Theory]
    [InlineData("hub:owner/sd", "without a revision")]
    [InlineData("sd, hub:owner/sd@abc", "two models of the name 'sd'")]
    [InlineData("hub:owner@x@y", "names no model of a hub")]
    [InlineData("hub:owner/_sd@abc", "cannot be the name of a model")]
    public void ReadAll_OfWhatCannotBeUsed_SaysWhy(string setting, string word) =>
        Assert.Contains(word, Assert.Throws<BadInputException>(() => ModelEntry.ReadAll(setting)).Message, StringComparison.Ordinal);
}
