using Imagic.Contracts;
using Imagic.Editing;
using Imagic.Tests;

namespace Imagic.Worker.Tests;

public class OwnedFolderTests
{
    [Fact]
    public void Create_RemovesFoldersOfTheDeadAndNoneOfTheLiving()
    {
        using var root = new TemporaryFolder();
        using var living = OwnedFolder.Create(root.Path, new());
        File.WriteAllText(Path.Combine(living.Path, "state"), "x");
        // A killed process leaves its lock file, unlocked; one that was killed in between leaves either alone.
        foreach (var (folder, file) in new[] { ("dead", "dead.lock"), ("bare", null), (null, "alone.lock") })
        {
            if (folder is not null) File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(root.Path, folder)).FullName, "state"), "x");
            if (file is not null) File.WriteAllText(Path.Combine(root.Path, file), "");
        }

        using var mine = OwnedFolder.Create(root.Path, new());

        Assert.Equal(new[] { living.Path, mine.Path }.Order(), Directory.EnumerateDirectories(root.Path).Order());
        Assert.Equal(4, Directory.EnumerateFileSystemEntries(root.Path).Count());
        Assert.True(File.Exists(Path.Combine(living.Path, "state")));
    }

    [Fact]
    public void Dispose_LeavesNothing()
    {
        using var root = new TemporaryFolder();

        OwnedFolder.Create(root.Path, new()).Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Path));
    }

    [Fact]
    public void Create_WhereAFileIsInTheWay_IsTheMachinesFault()
    {
        using var root = new TemporaryFolder();
        var file = Path.Combine(root.Path, "file");
        File.WriteAllText(file, "");

        Assert.Contains(file, Assert.Throws<MachineException>(() => OwnedFolder.Create(file, new LocalDisk())).Message, StringComparison.Ordinal);
    }
}
