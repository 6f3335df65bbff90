using System.CommandLine;

namespace Imagic.Cli.Models;

/// <summary><c>imagic models</c>: what is there, and whether it is whole.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Name of a shipped model, or the path of a package folder" };
        var verify = new Command("verify", "Checks that every weight that the configurations ask for is there with its shape") { model };
        verify.SetAction((parsed, cancellationToken) => VerifyAsync(parsed.GetRequiredValue(model), cancellationToken));
        var list = new Command("list", "Names the models that ship with the program");
        list.SetAction(_ => List());
        return new("models", "Lists and verifies model packages") { list, verify };
    }

    private static int List()
    {
        foreach (var name in ModelFolders.Names)
        {
            var package = ModelFolders.Open(name);
            var (side, _) = package.ReadGeometry();
            var weights = package.Verify().Components.Sum(component => component.ParameterCount);
            Console.WriteLine($"{name}{(name == ModelFolders.Default ? " (default)" : "")}: {side}x{side} pixels, {weights / 1e6:F1} M weights, {package.Folder}");
        }

        return ExitCode.Done;
    }

    private static async Task<int> VerifyAsync(string model, CancellationToken cancellationToken)
    {
        var package = ModelFolders.Open(model);
        var report = package.Verify();
        foreach (var component in report.Components)
            Console.WriteLine(component.Problem is { } problem ? $"{component.Name}: NOT OK  {problem}" : $"{component.Name}: ok{Weights(component.ParameterCount)}");
        if (!report.IsGood) return ExitCode.CheckFailed;
        Console.WriteLine($"sha256 {await package.HashAsync(cancellationToken)}");
        return ExitCode.Done;
    }

    private static string Weights(long count) => count > 0 ? $", {count:N0} weights" : "";
}
