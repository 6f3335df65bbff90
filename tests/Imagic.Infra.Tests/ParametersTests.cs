using System.Text.Json;
using System.Text.RegularExpressions;
using Imagic.Tests;

namespace Imagic.Infra.Tests;

public partial class ParametersTests(Infrastructure infrastructure)
{
    // Set by azd itself; the last one when it has pushed the image of the service gpu-worker.
    private static readonly string[] OfAzd = ["AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE", "SERVICE_GPU_WORKER_IMAGE_NAME"];

    [Theory]
    [InlineData("main.parameters.json", "main")]
    [InlineData("app/gpu-worker.parameters.json", "gpu-worker")]
    public void Parameters_AreThoseOfTheTemplate(string file, string template)
    {
        using var built = JsonDocument.Parse(infrastructure.Templates[template]);
        var declared = built.RootElement.GetProperty("parameters").EnumerateObject().ToList();
        var given = Given(file).Select(parameter => parameter.Name).ToHashSet();

        Assert.All(given, name => Assert.Contains(declared, parameter => parameter.Name == name));
        Assert.All(declared.Where(parameter => !parameter.Value.TryGetProperty("defaultValue", out _)), parameter => Assert.Contains(parameter.Name, given));
    }

    [Fact]
    public void WorkerParameters_AreTextThatProvisioningAnswers()
    {
        using var main = JsonDocument.Parse(infrastructure.Templates["main"]);
        using var worker = JsonDocument.Parse(infrastructure.Templates["gpu-worker"]);
        var outputs = main.RootElement.GetProperty("outputs").EnumerateObject().Select(output => output.Name).ToHashSet();

        // Unlike those of main.bicep, azd does not turn these into numbers.
        Assert.All(worker.RootElement.GetProperty("parameters").EnumerateObject(), parameter => Assert.Equal("string", parameter.Value.GetProperty("type").GetString()));
        Assert.All(Given("app/gpu-worker.parameters.json"), parameter =>
        {
            var reference = Reference().Match(parameter.Value);
            Assert.True(reference.Success, parameter.Value);
            Assert.True(
                reference.Groups["default"].Success || outputs.Contains(reference.Groups["name"].Value) || OfAzd.Contains(reference.Groups["name"].Value),
                $"Nobody sets {reference.Groups["name"].Value}.");
        });
    }

    [Fact]
    public void EverySetting_IsDocumented()
    {
        var guide = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "deploy.md"));
        var others = Directory.EnumerateFiles(Path.Combine(Bicep.Folder, "hooks")).Append(Path.Combine(RepositoryFiles.Root, "azure.yaml"))
            .SelectMany(file => Setting().Matches(File.ReadAllText(file)).Select(match => match.Value));
        var settings = Given("main.parameters.json").Concat(Given("app/gpu-worker.parameters.json"))
            .Select(parameter => Reference().Match(parameter.Value).Groups["name"].Value)
            .Concat(others)
            .Where(name => name.StartsWith("IMAGIC_", StringComparison.Ordinal) && !name.EndsWith("_IDENTITY_NAME", StringComparison.Ordinal));

        Assert.All(settings, name => Assert.Contains($"`{name}`", guide, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryParameterOfMain_SaysWhatItIs()
    {
        using var main = JsonDocument.Parse(infrastructure.Templates["main"]);

        Assert.All(main.RootElement.GetProperty("parameters").EnumerateObject(), parameter =>
            Assert.True(parameter.Value.GetProperty("metadata").TryGetProperty("description", out _), parameter.Name));
    }

    private static IEnumerable<(string Name, string Value)> Given(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Bicep.Folder, file)));
        return [.. document.RootElement.GetProperty("parameters").EnumerateObject().Select(parameter => (parameter.Name, parameter.Value.GetProperty("value").GetString()!))];
    }

    [GeneratedRegex(@"^\$\{(?<name>[A-Z_]+)(=(?<default>.+))?\}$")]
    private static partial Regex Reference();

    [GeneratedRegex("IMAGIC_[A-Z_]+")]
    private static partial Regex Setting();
}
