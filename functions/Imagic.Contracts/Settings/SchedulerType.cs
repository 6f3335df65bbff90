using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>Denoising schedules that an edit can be sampled with; each is the diffusers class of the same name.</summary>
public enum SchedulerType
{
    /// <summary>DDIMScheduler.</summary>
    [JsonStringEnumMemberName("ddim")]
    Ddim,

    /// <summary>DDPMScheduler: fresh noise at every step.</summary>
    [JsonStringEnumMemberName("ddpm")]
    Ddpm,

    /// <summary>EulerDiscreteScheduler.</summary>
    [JsonStringEnumMemberName("euler")]
    Euler,

    /// <summary>DPMSolverMultistepScheduler, dpmsolver++, order 2.</summary>
    [JsonStringEnumMemberName("dpmSolverMultistep")]
    DpmSolverMultistep,

    /// <summary>PNDMScheduler.</summary>
    [JsonStringEnumMemberName("pndm")]
    Pndm,
}
