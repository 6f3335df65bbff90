namespace Imagic.Diffusion.Packages;

/// <summary>What <see cref="ModelPackage.Verify"/> found.</summary>
/// <param name="Components">One entry per component, good or bad.</param>
public sealed record PackageReport(IReadOnlyList<ComponentReport> Components)
{
    /// <summary>Whether the package can be used.</summary>
    public bool IsGood => Components.All(component => component.Problem is null);
}

/// <summary>One component of a package.</summary>
/// <param name="Name">Its folder, e.g. <c>unet</c>; <c>package</c> for what concerns several.</param>
/// <param name="ParameterCount">Number of weights, 0 where the component has none or is broken.</param>
/// <param name="Problem">What is wrong, a sentence that names the file; null when nothing is.</param>
public sealed record ComponentReport(string Name, long ParameterCount, string? Problem, Exception? Cause = null);
