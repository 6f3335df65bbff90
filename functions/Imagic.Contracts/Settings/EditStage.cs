using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>The three stages of Imagic, in order (paper section 3.2).</summary>
public enum EditStage
{
    /// <summary>Move the target text's embedding until it describes the source picture.</summary>
    [JsonStringEnumMemberName("optimize")]
    Optimize,

    /// <summary>Tune the UNet until that embedding gives the source picture exactly.</summary>
    [JsonStringEnumMemberName("finetune")]
    FineTune,

    /// <summary>Interpolate between the embeddings and sample the tuned model.</summary>
    [JsonStringEnumMemberName("sample")]
    Sample,
}

/// <summary>How stages are spelled in paths, messages and on the command line.</summary>
public static class EditStageNames
{
    /// <summary>All stages in the order they run.</summary>
    public static IReadOnlyList<EditStage> InOrder { get; } = [EditStage.Optimize, EditStage.FineTune, EditStage.Sample];

    /// <summary>Lower-case name, e.g. <c>finetune</c>.</summary>
    public static string Name(this EditStage stage) => stage switch
    {
        EditStage.Optimize => "optimize",
        EditStage.FineTune => "finetune",
        EditStage.Sample => "sample",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "not a stage"),
    };

    /// <summary>Reads what <see cref="Name"/> writes.</summary>
    public static bool TryParse(string name, out EditStage stage)
    {
        foreach (var candidate in InOrder)
        {
            stage = candidate;
            if (candidate.Name() == name) return true;
        }

        stage = default;
        return false;
    }
}
