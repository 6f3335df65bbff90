using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Tests.Edits;

public class EditCostTests
{
    private static readonly EditSettings Small = EditProfile.All["community"].For("a dog") with
    {
        Optimize = new(10, 1e-3) { Batch = 2 },
        FineTune = new(5, 1e-3),
        Sample = new() { Seeds = [1, 2], Etas = [0.5], Blends = [1], Guidance = 3, Steps = 7 },
    };

    [Fact]
    public void Of_CountsThreePassesPerTrainingStepAndTwoPerGuidedOne() =>
        Assert.Equal(3 * (10 * 2 + 5) + 2 * 2 * 7 * 2, EditCost.Of(Small, null, 512));

    [Fact]
    public void Of_WithoutGuidance_CountsOnePassPerStep() =>
        Assert.Equal(75 + 28, EditCost.Of(Small with { Sample = Small.Sample with { Guidance = 1 } }, null, 512));

    [Fact]
    public void Of_ACascade_CountsBothModels() => Assert.Equal(
        131 + 3 * 4 + 2 * 2 * 6 * 2,
        EditCost.Of(Small with { SuperResolution = new() { FineTune = new(4, 1e-3), Steps = 6 } }, null, 512));

    [Fact]
    public void Of_WhatIsTuned_CountsSamplingAlone()
    {
        Assert.Equal(2 * 2 * 7 * 2, EditCost.Of(Small, null, 512, isTuned: true));
        Assert.Equal(2 * 2 * 7 * 2 + 2 * 2 * 6 * 2, EditCost.Of(Small with { SuperResolution = new() { FineTune = new(4, 1e-3), Steps = 6 } }, null, 512, isTuned: true));
    }

    [Fact]
    public void Of_ASearch_CountsDraftsAndLooks_AndTheSuggestedInFull()
    {
        // A draft for each seed's three strengths more, and of the text alone, in 4 steps; then both seeds and the source.
        var search = Small with { Sample = Small.Sample with { Search = new() { Renders = 4, Steps = 4 } } };

        Assert.Equal((1 + 2 * 4) * (4 * 2 + 2 * 3) + 3 * 7 * 2, EditCost.Of(search, null, 512, isTuned: true));
        Assert.Equal(
            (1 + 2 * 4) * (4 * 2 + 2 * 3) + (1 + 2 * 5) * (7 + 6) * 2,
            EditCost.Of(search with { SuperResolution = new() { FineTune = new(4, 1e-3), Steps = 6, Guidance = 2 } }, null, 512, isTuned: true));
    }

    [Fact]
    public void Of_ASearchWithTheEmbeddedModel_IsHalfOfTheListAtMost()
    {
        var (list, search) = (new EditOverrides().Resolve("a dog", "emoji-64"), new EditOverrides { Search = new() }.Resolve("a dog", "emoji-64"));

        Assert.InRange(EditCost.Of(search, null, 64, isTuned: true) / EditCost.Of(list, null, 64, isTuned: true), 0, 0.5);
    }

    [Fact]
    public void Of_OtherMethods_CountsTheStepsThatTheyTake()
    {
        var sample = new EditOverrides { Seeds = [1, 2], Guidance = 3, Steps = 10 };

        // η = 0 takes one step.
        Assert.Equal(2 * (1 + 4 + 10) * 2, EditCost.Of((sample with { Method = EditMethod.SdEdit, Etas = [0.4, 1] }).Resolve("a dog", "any"), null, 512));
        Assert.Equal((1 + 12 + 18 + 22) * 2, EditCost.Of((sample with { Method = EditMethod.SdEdit, Seeds = [1], Steps = 25, Etas = [0.5, 0.7, 0.9] }).Resolve("a dog", "any"), null, 512));
        // Once through all steps with the source text alone.
        Assert.Equal(10 + 2 * 10 * 2, EditCost.Of((sample with { Method = EditMethod.Ddib, Seeds = [1], Etas = [1] }).Resolve("a dog", "any"), null, 512));
    }

    [Theory]
    [InlineData(512, 512, 512, 1)]
    [InlineData(1024, 1024, 512, 4)]
    [InlineData(64, 64, 64, 1)]
    [InlineData(32, 64, 64, 0.5)]
    public void Of_ASize_CountsItsAreaInThatOfTheModel(int width, int height, int side, double factor) =>
        Assert.Equal(131 * factor, EditCost.Of(Small, new(width, height), side));

    [Fact]
    public void DefaultBudget_IsFourTimesThePapers() => Assert.Equal(4 * (3 * 2500 + 21 * 50 * 2), EditCost.DefaultBudget);

    [Fact]
    public void Profiles_AreWithinTheDefaultBudget() => Assert.All(
        EditProfile.All.Values, profile => EditCost.Within(profile.For("a dog"), null, profile.Side, EditCost.DefaultBudget));

    [Fact]
    public void Within_MoreThanTheBudget_IsRefusedWithTheNumbers()
    {
        var exception = Assert.Throws<OverBudgetException>(() => EditCost.Within(Small, new(64, 64), 32, 523));

        Assert.Equal("over-budget", exception.Code);
        Assert.Contains("524", exception.Message, StringComparison.Ordinal);
        Assert.Contains("523", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(524, 524.0)]
    [InlineData(0, null)]
    public void Within_TheBudgetOrWithoutOne_TellsBoth(double budget, double? allowed) =>
        Assert.Equal(new(524, allowed), EditCost.Within(Small, new(64, 64), 32, budget));

    // The largest numbers that settings may have.
    [Fact]
    public void Of_TheMost_IsANumber()
    {
        var most = Small with { Optimize = new(100_000, 1) { Batch = 256 }, FineTune = new(100_000, 1) { Batch = 256 } };

        Assert.True(double.IsFinite(EditCost.Of(most, new(4096, 4096), 1)));
        Assert.Throws<OverBudgetException>(() => EditCost.Within(most, null, 512, int.MaxValue / 100));
    }

    [Theory]
    [InlineData(1024, 1024, 512, true)]
    [InlineData(4096, 256, 512, true)]
    [InlineData(1032, 1024, 512, false)]
    [InlineData(4096, 4096, 512, false)]
    [InlineData(128, 128, 64, true)]
    [InlineData(136, 128, 64, false)]
    [InlineData(int.MaxValue, int.MaxValue, 512, false)]
    public void Size_MayHaveFourTimesTheModelsArea(int width, int height, int side, bool isAccepted)
    {
        var refusal = Record.Exception(() => new WorkingSize(width, height).CheckFor(side));

        Assert.Equal(isAccepted, refusal is null);
        if (!isAccepted) Assert.Equal("size", Assert.IsType<EditSettingsException>(refusal).Setting);
    }
}
