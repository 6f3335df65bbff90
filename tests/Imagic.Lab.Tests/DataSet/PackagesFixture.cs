using System.Text.Json.Nodes;
using Imagic.Imaging;
using Imagic.Lab.DataSet;
using Imagic.Tests;

namespace Imagic.Lab.Tests.DataSet;

/// <summary>Small packages in the layout of the real ones: three emoji, a red, a green and a blue square.</summary>
public sealed class PackagesFixture : IDisposable
{
    public const string Version = "1.0.0";

    private readonly TemporaryFolder _folder = new();

    public PackagesFixture()
    {
        var pins = new JsonObject();
        foreach (var style in EmojiStyle.All)
        {
            pins[style.Package] = Version;
            WritePackage(style.Package, "MIT");
        }
        pins[EmojiCatalogue.Package] = Version;
        WritePackage(EmojiCatalogue.Package, "MIT");
        Write("package.json", new JsonObject { ["dependencies"] = pins });
        WriteCatalogue();
        foreach (var style in EmojiStyle.All.Where(style => style.Format == ArtworkFormat.IconSet))
            WriteIcons(style.Package);
        var assets = Directory.CreateDirectory(Path.Combine(PackageFolder("@lobehub/fluent-emoji-3d"), "assets"));
        var webP = ImageCodec.Encode(RgbImage.Filled(128, 128, 255, 0, 0), ImageFormat.WebP, 100);
        File.WriteAllBytes(Path.Combine(assets.FullName, "2764-fe0f.webp"), webP);
        File.WriteAllBytes(Path.Combine(assets.FullName, "1f3f4-e0067_e0062.webp"), webP);
    }

    public string Folder => _folder.Path;

    public NpmPackages Packages => new(Folder);

    internal static EmojiStyle Style(string name) => EmojiStyle.All.Single(style => style.Name == name);

    public string PackageFolder(string package) => Path.Combine(Folder, "node_modules", package);

    public void WritePackage(string package, string licence, string version = Version) =>
        Write(Path.Combine("node_modules", package, "package.json"), new JsonObject { ["name"] = package, ["version"] = version, ["license"] = licence });

    public void Dispose() => _folder.Dispose();

    private void WriteCatalogue()
    {
        var folder = Path.Combine("node_modules", EmojiCatalogue.Package);
        Write(Path.Combine(folder, "en", "data.json"), JsonNode.Parse("""
            [
              {"label": "red heart", "hexcode": "2764-FE0F", "tags": ["love", "heart"], "group": 0},
              {"label": "waving hand", "hexcode": "1F44B", "tags": ["hello"], "group": 1,
               "skins": [{"label": "waving hand: dark skin tone", "hexcode": "1F44B-1F3FF", "group": 1}]},
              {"label": "flag: Réunion", "hexcode": "1F1F7-1F1EA", "group": 9},
              {"label": "UP! button", "hexcode": "1F199", "group": 8},
              {"label": "upwards button", "hexcode": "1F53C", "group": 8},
              {"label": "dark skin tone", "hexcode": "1F3FF", "group": 2},
              {"label": "regional indicator R", "hexcode": "1F1F7"}
            ]
            """)!);
        Write(Path.Combine(folder, "meta", "groups.json"), JsonNode.Parse(
            """{"groups": {"0": "smileys-emotion", "1": "people-body", "2": "component", "8": "symbols", "9": "flags"}}""")!);
        Write(Path.Combine(folder, "meta", "unicode-names.json"), JsonNode.Parse("""{"2764": "HEAVY BLACK HEART", "1F44B": "WAVING HAND SIGN"}""")!);
        Write(Path.Combine(folder, "en", "shortcodes", "github.json"), JsonNode.Parse(
            """{"1F44B": ["hello-hand"], "2764": ["love"], "1F199": "up", "1F53C": "up"}""")!);
    }

    private void WriteIcons(string package)
    {
        var folder = Path.Combine("node_modules", package);
        var informed = package.EndsWith("/noto", StringComparison.Ordinal);
        Write(Path.Combine(folder, "icons.json"), JsonNode.Parse("""
            {
              "width": 32, "height": 32,
              "icons": {
                "heavyblackheart": {"body": "<path fill='#f00' d='M0 0h32v32H0z'/>"},
                "hello-hand": {"body": "<path fill='#0f0' d='M0 0h16v32H0z'/>"},
                "wavinghanddarkskintone": {"body": "<path fill='#00f' d='M0 0h16v32H0z'/>"},
                "up": {"body": "<path d='M0 0h1v1H0z'/>"},
                "fox-with-a-tie": {"body": "<path d='M0 0h1v1H0z'/>"},
                "flag-for-flag-reunion": {"body": "<path fill='#fff' d='M0 0h32v32H0z'/>"}
              },
              "aliases": {"hand-mirrored": {"parent": "hello-hand", "hFlip": true}, "greeting": {"parent": "hello-hand"}}
            }
            """)!);
        if (informed)
            Write(Path.Combine(folder, "chars.json"), JsonNode.Parse("""{"2764": "heavyblackheart", "1f44b": "greeting", "1f44b-1f3ff": "hand-mirrored"}""")!);
    }

    private void Write(string file, JsonNode content)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content.ToJsonString());
    }
}
