using System.Text.RegularExpressions;
using Imagic.Tests;

namespace Imagic.Architecture.Tests;

/// <summary>
/// Folders of a project know each other in one direction. What lies directly in the project is for all of them, and may
/// put them together.
/// </summary>
public partial class FoldersTests
{
    [Theory]
    [MemberData(nameof(ArrowsTests.Projects), MemberType = typeof(ArrowsTests))]
    public void Folders_OfAProject_AreNotCircular(string project)
    {
        var arrows = Sources(project)
            .SelectMany(source => Using().Matches(source.Text).Select(match => (source.Folder, Target: FolderOf(project, match.Groups["name"].Value))))
            .Where(arrow => arrow.Target is not null && arrow.Folder is not null && arrow.Target != arrow.Folder)
            .ToLookup(arrow => arrow.Folder!, arrow => arrow.Target!);

        Assert.All(arrows, from => Assert.DoesNotContain(from.Key, Reachable(arrows, from.Key)));
    }

    private static HashSet<string> Reachable(ILookup<string, string> arrows, string folder)
    {
        var reached = new HashSet<string>();
        var open = new Queue<string>(arrows[folder]);
        while (open.TryDequeue(out var next))
        {
            if (!reached.Add(next)) continue;
            foreach (var target in arrows[next]) open.Enqueue(target);
        }

        return reached;
    }

    private static IEnumerable<(string? Folder, string Text)> Sources(string project)
    {
        var root = ArrowsTests.FolderOf(project);
        return
            from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            let parts = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)
            where parts[0] is not ("obj" or "bin" or "node_modules" or "npm")
            select (parts.Length > 1 ? parts[0] : null, File.ReadAllText(file));
    }

    // "Imagic.Editing.Sample" is the folder Sample of Imagic.Editing.
    private static string? FolderOf(string project, string name) =>
        name.StartsWith(project + ".", StringComparison.Ordinal) ? name[(project.Length + 1)..].Split('.')[0] : null;

    [GeneratedRegex(@"^using (static )?(?<name>Imagic\.[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Using();
}
