using System.Text.RegularExpressions;
using Imagic.Tests;
using YamlDotNet.RepresentationModel;

namespace Imagic.Infra.Tests;

/// <summary>Rules of azd's schema for <c>azure.yaml</c> (v1.0), as far as they matter here, and that what it names exists.</summary>
public partial class AzureYamlTests
{
    private static readonly YamlMappingNode Project = Load();

    [Fact]
    public void Project_HasKnownMembersOnly()
    {
        string[] known = ["name", "resourceGroup", "metadata", "infra", "services", "resources", "pipeline", "hooks", "requiredVersions", "state", "platform", "workflows", "cloud"];

        Assert.Subset(known.ToHashSet(), Keys(Project).ToHashSet());
        Assert.Matches(ProjectName(), Text(Project, "name"));
    }

    [Fact]
    public void Infrastructure_IsWhereItSays()
    {
        var infra = Map(Project, "infra");
        var module = Path.Combine(RepositoryFiles.Root, Text(infra, "path"), Text(infra, "module"));

        Assert.Equal("bicep", Text(infra, "provider"));
        Assert.True(File.Exists($"{module}.bicep"));
        Assert.True(File.Exists($"{module}.parameters.json"));
    }

    [Fact]
    public void Functions_ArePublishedFromTheirProject()
    {
        var service = Map(Map(Project, "services"), "functions");
        var project = Assert.Single(Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, Text(service, "project")), "*.*proj"));

        Assert.Subset(new HashSet<string> { "project", "host", "language", "dist", "hooks", "resourceName" }, Keys(service).ToHashSet()); // env, k8s, apiVersion are not for functions
        Assert.Equal("function", Text(service, "host"));
        Assert.Equal("dotnet", Text(service, "language"));
        Assert.Contains("<UserSecretsId>", File.ReadAllText(project), StringComparison.Ordinal); // else azd writes one into it
    }

    [Fact]
    public void Worker_IsDeployedByItsModuleWithItsImage()
    {
        var service = Map(Map(Project, "services"), "gpu-worker");
        var docker = Map(service, "docker");
        var module = Path.Combine(Bicep.Folder, Text(service, "module"));
        var folder = Path.Combine(RepositoryFiles.Root, Text(service, "project"));

        Assert.Equal("containerapp", Text(service, "host")); // jobs too
        Assert.Subset(new HashSet<string> { "path", "context", "platform", "registry", "image", "tag", "buildArgs", "network", "remoteBuild" }, Keys(docker).ToHashSet());
        Assert.True(File.Exists($"{module}.bicep"));
        Assert.True(File.Exists($"{module}.parameters.json")); // without it azd would only look for a resource to put the image into
        Assert.Equal(Path.GetFullPath(RepositoryFiles.Root), Path.GetFullPath(Path.Combine(folder, Text(docker, "context"))));
        var instructions = File.ReadLines(Path.Combine(folder, Text(docker, "path"))).ToList();
        var arguments = ((YamlSequenceNode)docker.Children[new YamlScalarNode("buildArgs")]).Select(node => ((YamlScalarNode)node).Value!.Split('=')[0]);
        Assert.All(arguments, argument => Assert.Contains(instructions, line => line.StartsWith($"ARG {argument}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Hooks_AreExecutableScriptsForPosixShellsAndAllScriptsAreHooks()
    {
        var hooks = Keys(Map(Project, "hooks")).Select(Hook).Order().ToList();

        Assert.Equal(Directory.EnumerateFiles(Path.Combine(Bicep.Folder, "hooks")).Order(), hooks);
        Assert.All(hooks, file =>
        {
            Assert.StartsWith("#!/bin/sh\n", File.ReadAllText(file), StringComparison.Ordinal);
            Assert.Contains("\nset -eu\n", File.ReadAllText(file), StringComparison.Ordinal);
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute));
        });
    }

    private static YamlMappingNode Load()
    {
        using var reader = File.OpenText(Path.Combine(RepositoryFiles.Root, "azure.yaml"));
        var stream = new YamlStream();
        stream.Load(reader);
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    private static string Hook(string name)
    {
        var posix = Map(Map(Map(Project, "hooks"), name), "posix");
        Assert.Equal("sh", Text(posix, "shell"));
        var file = Path.GetFullPath(Path.Combine(RepositoryFiles.Root, Text(posix, "run")));
        Assert.True(File.Exists(file), $"There is no {file}.");
        return file;
    }

    private static IEnumerable<string> Keys(YamlMappingNode node) => node.Children.Keys.Select(key => ((YamlScalarNode)key).Value!);

    private static YamlMappingNode Map(YamlMappingNode node, string name) => (YamlMappingNode)node.Children[new YamlScalarNode(name)];

    private static string Text(YamlMappingNode node, string name) => ((YamlScalarNode)node.Children[new YamlScalarNode(name)]).Value!;

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*[a-z0-9]$")]
    private static partial Regex ProjectName();
}
