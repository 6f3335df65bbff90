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
