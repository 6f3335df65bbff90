using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace Imagic.Cli.Tests.Clients;

/// <summary>A client that NSwag makes of the API's document, with the code that calls it.</summary>
internal static class GeneratedClient
{
    /// <summary>Compiles both; <c>Generated.ImagicClient</c> is the client.</summary>
    public static async Task<Assembly> CompileAsync(string document, string caller, CancellationToken cancellationToken)
    {
        var settings = new CSharpClientGeneratorSettings { ClassName = "ImagicClient", GenerateOptionalParameters = true, UseBaseUrl = false };
        settings.CSharpGeneratorSettings.Namespace = "Generated";
        settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.SystemTextJson;
        settings.CSharpGeneratorSettings.GenerateNullableReferenceTypes = true;
        var client = new CSharpClientGenerator(await OpenApiDocument.FromJsonAsync(document, cancellationToken), settings).GenerateFile();

        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)).Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create(
            "Generated", [Parse(client), Parse(caller)], references, new(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        var outcome = compilation.Emit(assembly, cancellationToken: cancellationToken);
        Assert.True(outcome.Success, string.Join('\n', outcome.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error)));
        return Assembly.Load(assembly.ToArray());

        SyntaxTree Parse(string text) => CSharpSyntaxTree.ParseText(text, new(LanguageVersion.Latest), cancellationToken: cancellationToken);
    }
}
