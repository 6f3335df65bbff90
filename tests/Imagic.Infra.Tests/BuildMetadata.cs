using System.Reflection;

namespace Imagic.Infra.Tests;

/// <summary>What the project file knows of the build.</summary>
internal static class BuildMetadata
{
    /// <summary>Where the Bicep compiler is.</summary>
    public static string Bicep { get; } = Value("Bicep");

    /// <summary>Release or Debug.</summary>
    public static string Configuration { get; } = Value("Configuration");

    /// <summary>Folder of the built function app.</summary>
    public static string FunctionApp { get; } = Value("FunctionApp");

    private static string Value(string key) =>
        typeof(BuildMetadata).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
