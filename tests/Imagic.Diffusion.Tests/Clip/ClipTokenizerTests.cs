using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Tests.Clip;

public sealed class ClipTokenizerTests
{
    private static readonly Fixture Sd1 = new("sd1-micro");
    private static readonly ClipTokenizer Tokenizer = ClipTokenizer.Load(Sd1.Path("tokenizer"));

    [Theory]
    [InlineData("sd1-micro", "tok.ids")]
    [InlineData("sd2-micro", "tok.ids")] // padded with "!", which is a special token there
    [InlineData("starter-64", "ids")]
    [InlineData("sdxl-micro", "tok2.ids", "tokenizer_2")]
    public void Encode_RecordedPrompts_GivesTheIdsOfTransformers(string fixture, string recorded, string folder = "tokenizer") =>
        AssertRecordedIds(new Fixture(fixture), recorded, folder);

    [Fact]
    public void Encode_FullSizeVocabulary_GivesTheIdsOfTransformers()
    {
        var folder = Environment.GetEnvironmentVariable("IMAGIC_REFERENCE");
        Assert.SkipWhen(folder is null, "IMAGIC_REFERENCE names no folder with sd1-tiny, a package with OpenAI's vocabulary.");
        AssertRecordedIds(new Fixture(Path.Combine(folder, "sd1-tiny")), "tok.ids");
    }

    [Fact]
    public void Encode_AnyText_IsOfTheModelsLengthBetweenBeginAndEnd() =>
        Prop.ForAll<string?>(text =>
        {
            var tokens = Tokenizer.Encode(text ?? "");
            var end = Math.Min(tokens.TokenCount, Tokenizer.Length - 2) + 1;
            return tokens.Ids.Length == Tokenizer.Length
                && tokens.Ids[0] == Id("<|startoftext|>")
                && tokens.Ids[end] == Id("<|endoftext|>")
                && tokens.Ids.All(id => id >= 0 && id <= Tokenizer.HighestId)
                && tokens.IsCut == tokens.TokenCount > Tokenizer.Length - 2;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_AnyUtf16Units_DoesNotThrow() =>
        Prop.ForAll<ushort[]>(units => Tokenizer.Encode(string.Concat(units.Select(unit => (char)unit))).Ids.Length == Tokenizer.Length)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_TextThatFits_IsNotCut()
    {
        var tokens = Tokenizer.Encode("a photo of a dog");

        Assert.False(tokens.IsCut);
        Assert.Equal(Array.IndexOf(tokens.Ids, Id("<|endoftext|>")) - 1, tokens.TokenCount);
    }

    [Fact]
    public void Encode_TextThatIsTooLong_TellsWhichWordsAreNotRead()
    {
        var text = string.Concat(Enumerable.Repeat("the ", 75)) + "Sitting dog";

        var tokens = Tokenizer.Encode(text);

        Assert.True(tokens.IsCut);
        Assert.Equal("sitting dog", tokens.CutText);
        Assert.Equal(75, tokens.Ids.Count(id => id == Id("the</w>")));
    }

    [Fact]
    public void Load_MapAndConfigDisagreeOnPadding_TheMapWins()
    {
        using var package = new TemporaryFolder();
        package.CopyFrom(Sd1.Path("tokenizer"));
        File.WriteAllText(package.Path("special_tokens_map.json"), """{ "pad_token": { "content": "!" } }""");

        var ids = ClipTokenizer.Load(package.Root).Encode("").Ids;

        Assert.All(ids[2..], id => Assert.Equal(Id("!"), id));
    }

    [Theory]
    [InlineData("1000000000000000019884624838656", 77)] // what transformers writes for "no limit"
    [InlineData("16", 16)]
    public void Load_ModelMaxLength_IsTheLengthOfEveryText(string written, int length)
    {
        using var package = new TemporaryFolder();
        package.CopyFrom(Sd1.Path("tokenizer"));
        File.WriteAllText(package.Path("tokenizer_config.json"), $$"""{ "model_max_length": {{written}} }""");

        Assert.Equal(length, ClipTokenizer.Load(package.Root).Encode("a dog").Ids.Length);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{ "model_max_length": 1 }""", "model_max_length is 1")]
    [InlineData("tokenizer_config.json", """{ "tokenizer_class": "T5Tokenizer" }""", "tokenizer_class is T5Tokenizer; supported is CLIPTokenizer")]
    [InlineData("tokenizer_config.json", """{ "bos_token": "<s>" }""", "the special token '<s>' is not in the vocabulary")]
    [InlineData("vocab.json", "{ \"a\": \"b\" }", "not the JSON that was expected")]
    [InlineData("merges.txt", "#version: 0.2\na b\nc\n", "merge 2 is not of two symbols")]
    public void Load_BrokenFile_NamesTheFileAndWhatIsWrong(string file, string content, string problem)
    {
        using var package = new TemporaryFolder();
        package.CopyFrom(Sd1.Path("tokenizer"));
        File.Delete(package.Path("special_tokens_map.json"));
        File.WriteAllText(package.Path(file), content);

        var error = Assert.Throws<ModelPackageException>(() => ClipTokenizer.Load(package.Root));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(package.Root, error.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_TokenizerJsonAlone_GivesTheSameIds(bool asPairs)
    {
        using var package = new TemporaryFolder();
        package.CopyFrom(Sd1.Path("tokenizer"));
        var merges = File.ReadAllLines(package.Path("merges.txt")).Skip(1).Where(line => line.Length > 0)
            .Select(line => asPairs ? JsonSerializer.Serialize(line.Split(' ')) : JsonSerializer.Serialize(line));
        File.WriteAllText(package.Path("tokenizer.json"), $$"""
            {
              "added_tokens": [{ "id": {{Id("<|endoftext|>")}}, "content": "<|endoftext|>", "special": true, "normalized": false }],
              "model": { "type": "BPE", "end_of_word_suffix": "</w>", "vocab": {{File.ReadAllText(package.Path("vocab.json"))}}, "merges": [{{string.Join(',', merges)}}] }
            }
            """);
        foreach (var file in new[] { "vocab.json", "merges.txt", "special_tokens_map.json" }) File.Delete(package.Path(file));

        var tokenizer = ClipTokenizer.Load(package.Root);

        Assert.All(Sd1.Prompts, prompt => Assert.Equal(Tokenizer.Encode(prompt).Ids, tokenizer.Encode(prompt).Ids));
        Assert.Equal(["tokenizer.json", "tokenizer_config.json"], ClipTokenizer.Files(package.Root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("added_tokens.json", """{ "<cat-toy>": 754 }""", "'<cat-toy>' (754)")]
    [InlineData("tokenizer_config.json", """{ "added_tokens_decoder": { "754": { "content": "<cat-toy>", "special": false } } }""", "'<cat-toy>' (754)")]
    [InlineData("tokenizer_config.json", """{ "added_tokens_decoder": { "754": { "content": "<cat-toy>", "special": true, "lstrip": true } } }""", "'<cat-toy>' (754)")]
    public void Load_AddedTokenThatCannotBeRead_IsRefusedByName(string file, string content, string token)
    {
        using var package = new TemporaryFolder();
        package.CopyFrom(Sd1.Path("tokenizer"));
        File.WriteAllText(package.Path(file), content);

        var error = Assert.Throws<ModelPackageException>(() => ClipTokenizer.Load(package.Root));

        Assert.Equal(package.Path(file), error.File);
        Assert.Contains($"the added token {token} is not supported", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_AddedSpecialToken_IsOneId()
    {
        using var package = new TemporaryFolder();
        package.CopyFrom(Sd1.Path("tokenizer"));
        File.WriteAllText(
            package.Path("tokenizer_config.json"),
            """{ "model_max_length": 77, "added_tokens_decoder": { "754": { "content": "<cat-toy>", "special": true, "normalized": false } } }""");

        var tokenizer = ClipTokenizer.Load(package.Root);

        Assert.Equal([754L, Id("<|endoftext|>")], tokenizer.Encode("<cat-toy>").Ids[1..3]);
        Assert.Equal(754, tokenizer.HighestId);
    }

    [Fact]
    public void Load_MissingVocabulary_NamesTheFile()
    {
        using var package = new TemporaryFolder();
        package.CopyFrom(Sd1.Path("tokenizer"));
        File.Delete(package.Path("vocab.json"));

        var error = Assert.Throws<ModelPackageException>(() => ClipTokenizer.Load(package.Root));

        Assert.Equal($"{package.Path("vocab.json")}: the file is missing from the package.", error.Message);
    }

    private static void AssertRecordedIds(Fixture fixture, string recorded, string folder = "tokenizer")
    {
        using var expected = fixture.Recorded(recorded);
        var tokenizer = ClipTokenizer.Load(fixture.Path(folder));
        var ids = expected.data<long>().ToArray().Chunk((int)expected.shape[1]);

        Assert.All(fixture.Prompts.Zip(ids), pair => Assert.Equal(pair.Second, tokenizer.Encode(pair.First).Ids));
        Assert.Equal(expected.shape[0], fixture.Prompts.Length);
    }

    private static long Id(string token)
    {
        using var vocabulary = JsonDocument.Parse(File.ReadAllText(Sd1.Path("tokenizer", "vocab.json")));
        return vocabulary.RootElement.GetProperty(token).GetInt64();
    }
}
