using System.Text.Json;
using Imagic.Contracts.Models;

namespace Imagic.Contracts.Tests.Models;

public class ModelExamplesTests
{
    public static TheoryData<string, string> Bad => new()
    {
        { string.Join('\n', Enumerable.Range(0, 13)), "has 13 texts; at most 12 are accepted" },
        { "a dog\n" + new string('x', 101), "has a text of 101 characters" },
        { "a\tdog", "control characters" },
    };

    [Fact]
    public void Read_TakesALineForATextAndLeavesEmptyOnesOut() =>
        Assert.Equal(["a sitting dog", "a dog with a hat"], ModelExamples.Read("a sitting dog\r\n\n  a dog with a hat \n"));

    [Theory]
    [MemberData(nameof(Bad))]
    public void Read_OfWhatNobodyCouldChoose_SaysWhatIsWrong(string file, string problem)
    {
        Assert.Contains(problem, Assert.Throws<BadInputException>(() => ModelExamples.Read(file)).Message, StringComparison.Ordinal);

        var zeros = new string('0', 64);
        var manifest = JsonSerializer.SerializeToNode(
            new ModelManifest { Name = "m", Sha256 = zeros, Files = [new("model_index.json", 1, zeros)] }, ContractsJsonContext.Default.ModelManifest)!;
        manifest["examples"] = JsonSerializer.SerializeToNode(file.Split('\n'));
        Assert.Throws<JsonException>(() => Versioning.Read(System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString()), ContractsJsonContext.Default.ModelManifest, "m.json"));
    }
}
