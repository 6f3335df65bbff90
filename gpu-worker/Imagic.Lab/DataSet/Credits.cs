using System.Text;

namespace Imagic.Lab.DataSet;

/// <summary>Who made what the data set is built from, as their licences ask.</summary>
static class Credits
{
    public static string Write(IReadOnlyList<DrawingSet> sets, NpmPackage names)
    {
        var text = new StringBuilder("# Credits\n\nThe pictures are renderings of these works, reduced and laid on plain colours.\n\n");
        text.Append("| style | work | licence | npm package |\n|---|---|---|---|\n");
        foreach (var set in sets)
            text.Append($"| {set.Style.Name} | {set.Style.Credit} | {set.Package.Licence} | {set.Package.Name} {set.Package.Version} |\n");
        text.Append($"\nNames and keywords are those of Unicode's CLDR, from the npm package {names.Name} {names.Version} ({names.Licence}).\n\n");
        text.Append("The texts of the licences: https://spdx.org/licenses/MIT.html, https://spdx.org/licenses/Apache-2.0.html, ");
        return text.Append("https://creativecommons.org/licenses/by/4.0/\n").ToString();
    }
}
