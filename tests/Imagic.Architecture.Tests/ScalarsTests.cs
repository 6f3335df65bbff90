using Imagic.Tests;
using Mono.Cecil;

namespace Imagic.Architecture.Tests;

/// <summary>
/// TorchSharp hands a Scalar to libtorch as a bare handle, and one that nobody holds may be freed before it is read.
/// Some of its operations make one inside, a sum's factor of 1 for one: what is built here must not call those.
/// </summary>
public class ScalarsTests
{
    private const string ScalarType = "TorchSharp.Scalar";

    [Fact]
    public void NothingBuiltHere_CallsAnOperationThatMakesAScalarInPassing()
    {
        string[] built = [.. Built().DistinctBy(Path.GetFileName)];
        using var torch = ModuleDefinition.ReadModule(built.First(file => Path.GetFileName(file) == "TorchSharp.dll"));
        var makers = Makers([.. Methods(torch.Types).Where(method => method.DeclaringType.FullName != ScalarType && !IsConversion(method))]);
        var users = new HashSet<string>();
        var faults = new List<string>();

        foreach (var file in built.Where(file => Path.GetFileName(file).StartsWith("imagic", StringComparison.OrdinalIgnoreCase)))
        {
            using var module = ModuleDefinition.ReadModule(file);
            if (module.AssemblyReferences.All(assembly => assembly.Name != "TorchSharp")) continue;
            users.Add(module.Assembly.Name.Name);
            faults.AddRange(
                from method in Methods(module.Types)
                from called in Called(method)
                where makers.Contains(called.FullName)
                select $"{method.DeclaringType.Name}.{method.Name} calls {called.FullName}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Superset(new HashSet<string> { "Imagic.Diffusion", "Imagic.Editing", "imagic-lab", "Imagic.Diffusion.Tests", "Imagic.Editing.Tests" }, users);
    }

    // The outputs of the projects that there are; they lie beside each other.
    private static IEnumerable<string> Built()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return
            from side in new[] { "functions", "gpu-worker", "tests" }
            from project in Directory.EnumerateDirectories(Path.Combine(RepositoryFiles.Root, side))
            let output = Path.Combine(own.Parent!.Parent!.FullName, Path.GetFileName(project), own.Name)
            where Directory.Exists(output)
            from file in Directory.EnumerateFiles(output, "*.dll")
            select file;
    }

    // Methods that convert a number, and those that call one of these.
    private static HashSet<string> Makers(MethodDefinition[] methods)
    {
        var calls = methods.Select(method => (method.FullName, Called: Called(method).ToArray())).ToArray();
        var makers = calls.Where(method => method.Called.Any(IsConversion)).Select(method => method.FullName).ToHashSet();
        for (var known = 0; known < makers.Count;)
        {
            known = makers.Count;
            makers.UnionWith(calls.Where(method => method.Called.Any(called => makers.Contains(called.FullName))).Select(method => method.FullName));
        }

        Assert.Contains(makers, name => name.Contains("op_Addition", StringComparison.Ordinal));
        return makers;
    }

    private static bool IsConversion(MethodReference method) =>
        method.Name == "ToScalar" || (method.DeclaringType.FullName == ScalarType && method.Name is "op_Implicit" or ".ctor");

    private static IEnumerable<MethodReference> Called(MethodDefinition method) =>
        method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>();

    private static IEnumerable<MethodDefinition> Methods(IEnumerable<TypeDefinition> types) =>
        types.SelectMany(type => Methods(type.NestedTypes).Concat(type.Methods.Where(method => method.HasBody)));
}
