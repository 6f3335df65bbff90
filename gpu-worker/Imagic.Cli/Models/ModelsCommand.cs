using System.CommandLine;
using Imagic.Diffusion.Weights;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models</c>: what is there, and whether it is whole.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Name of a shipped model, or the path of a package folder" };
        var verify = new Command("verify", "Checks that every weight that the configurations ask for is there with its shape") { model };
        verify.SetAction(parsed => Verify(parsed.GetRequiredValue(model)));
        var list = new Command("list", "Names the models that ship with the program");
        list.SetAction(_ => List());
        return new("models", "Lists and verifies model packages") { list, verify };
    }

    private static int List()
    {
        foreach (var name in ModelFolders.Names)
        {
            using var package = ModelFolders.Open(name);
            Console.WriteLine($"{name}{(name == ModelFolders.Default ? " (default)" : "")}  {package.Describe()}  {package.Folder}");
        }

        return ExitCode.Done;
    }

    private static int Verify(string model)
    {
        try
        {
            using var package = ModelFolders.Open(model);
            package.Verify();
            Console.WriteLine($"{package.Folder}: complete, {package.Describe()}, sha256 {package.ContentHash}");
            return ExitCode.Done;
        }
        catch (ModelPackageException exception)
        {
            Console.WriteLine(exception.Message);
            return ExitCode.CheckFailed;
        }
    }
}
