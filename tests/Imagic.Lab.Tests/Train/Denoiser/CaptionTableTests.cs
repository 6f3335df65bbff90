using Imagic.Diffusion.Clip;
using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Denoiser;
using Imagic.Tests;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train.Denoiser;

public sealed class CaptionTableTests
{
    private const int Draws = 4000;

    private static readonly ClipTokenizer Tokenizer = ClipTokenizer.Load(Path.Combine(RepositoryFiles.Model("emoji-64"), "tokenizer"));

    private static readonly DataSetItem[] Items =
    [
        new("noto", "ghost", "ghost", "0", "smileys-emotion", ["ghost", "ghost, noto style"], [$"ghost on {Captions.Placeholder}"], DataSetSplit.Training),
        new("blob", "ghost", "ghost", "0", "smileys-emotion", ["spectre"], ["unused"], DataSetSplit.Training),
    ];

    [Fact]
    public void Next_DrawsCaptionsOfThePictureInTheirProportions()
    {
        // Pictures: 0 the first drawing on white, 1 on black; 2 the second drawing on white.
        var drawn = Draw(picture: 0, dropout: 0);

        Assert.Equal(new HashSet<string> { Ids("ghost"), Ids("ghost, noto style") }, drawn.Keys.ToHashSet());
        Assert.InRange(drawn[Ids("ghost")], Draws / 5 - 150, Draws / 5 + 150); // 1 of 1 + 4; six standard deviations
        Assert.Equal([Ids("ghost on a black background")], Draw(picture: 1, dropout: 0).Keys);
        Assert.Equal([Ids("spectre")], Draw(picture: 2, dropout: 0).Keys);
    }

    [Fact]
    public void Next_LeavesOutTheGivenShareOfCaptions()
    {
        var drawn = Draw(picture: 2, dropout: 0.25);

        Assert.InRange(drawn[Ids("")], Draws / 4 - 165, Draws / 4 + 165);
        Assert.Equal(Draws - drawn[Ids("")], drawn[Ids("spectre")]);
    }

    private static string Ids(string text) => string.Join(' ', Tokenizer.Encode(text).Ids);

    private static Dictionary<string, int> Draw(long picture, double dropout)
    {
        using var scope = NewDisposeScope();
        using var table = CaptionTable.Create(Items, [[Background.Colours.Single(colour => colour.Name == "black")], []], Tokenizer, CPU);
        using var generator = new Generator(3);
        var ids = table.Next(full([Draws], Held(picture), dtype: ScalarType.Int64), dropout, generator).data<long>().ToArray();
        return ids.Chunk(Tokenizer.Length).CountBy(row => string.Join(' ', row)).ToDictionary();
    }
}
