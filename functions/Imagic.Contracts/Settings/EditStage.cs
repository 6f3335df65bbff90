using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>The stages of Imagic, in order (paper section 3.2); which of them an edit has, its settings say.</summary>
public enum EditStage
{
    /// <summary>Move the target text's embedding until it describes the source picture.</summary>
    [JsonStringEnumMemberName("optimize")]
    Optimize,

    /// <summary>Tune the UNet until that embedding gives the source picture exactly.</summary>
    [JsonStringEnumMemberName("finetune")]
    FineTune,

    /// <summary>Tune a cascade's super-resolution until the target text's embedding gives the source picture (paper section 3.3).</summary>
    [JsonStringEnumMemberName("finetune-sr")]
    FineTuneSuperResolution,

    /// <summary>Interpolate between the embeddings and sample the tuned model.</summary>
    [JsonStringEnumMemberName("sample")]
    Sample,
}
