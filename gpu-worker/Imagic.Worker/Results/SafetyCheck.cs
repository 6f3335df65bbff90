using System.Globalization;
using Imagic.Diffusion.Safety;
using Imagic.Editing;
using Imagic.Imaging;

namespace Imagic.Worker.Results;

/// <summary>Which pictures are withheld, by the safety checker of their model's package.</summary>
internal static class SafetyCheck
{
    private const int Named = 10;

    /// <summary>The pictures that are withheld; none where the package has no checker.</summary>
    public static IReadOnlySet<ImageKey> Run(LoadedModels models, IReadOnlyList<EditedImage> pictures)
    {
        if (!models.Package.HasSafetyChecker) return new HashSet<ImageKey>();
        using var checker = models.Package.LoadSafetyChecker(models.Device);
        return pictures.Where(picture => checker.IsFlagged(Prepare(picture.Picture, checker.Pictures))).Select(picture => picture.Key).ToHashSet();
    }

    /// <summary>What a person is told; nothing when no picture is withheld.</summary>
    public static IReadOnlyList<string> Notices(IReadOnlySet<ImageKey> withheld, int pictures)
    {
        if (withheld.Count == 0) return [];
        var names = withheld.Take(Named).Select(key => string.Create(
            CultureInfo.InvariantCulture, $"seed {key.Seed} at eta {key.Strength.Eta:0.####}, blend {key.Strength.Blend:0.####}"));
        return [$"{withheld.Count} of {pictures} pictures are withheld, since the model's safety checker takes them for unfit to be shown: {string.Join("; ", names)}{(withheld.Count > Named ? "; …" : "")}."];
    }

    // The shorter side brought to its length, the other cut off to whole pixels, then the middle (transformers image_transforms.py).
    internal static byte[] Prepare(RgbImage picture, ClipImageConfig config)
    {
        var shorter = Math.Min(picture.Width, picture.Height);
        var resized = Bicubic.Resize(picture, Scaled(picture.Width), Scaled(picture.Height));
        var (left, top) = ((resized.Width - config.Crop) / 2, (resized.Height - config.Crop) / 2);
        var pixels = new byte[config.Crop * config.Crop * 3];
        for (var y = 0; y < config.Crop; y++) resized.Row(top + y).Slice(left * 3, config.Crop * 3).CopyTo(pixels.AsSpan(y * config.Crop * 3));
        return pixels;

        int Scaled(int side) => (int)((long)side * config.ShortestEdge / shorter);
    }
}
