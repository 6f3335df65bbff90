using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Configuration;

/// <summary>Checks the values of a text or vision encoder's config.</summary>
/// <param name="path">The config file.</param>
internal readonly struct ConfigCheck(string path)
{
    /// <exception cref="ModelPackageException">The value is not 1 to <paramref name="most"/>.</exception>
    public void Range(string key, int value, int most) => Require(value > 0 && value <= most, key, value, $"1 to {most}");

    /// <exception cref="ModelPackageException">Names the file, the key, its value and what was expected.</exception>
    public void Require(bool isGood, string key, object value, string expected)
    {
        if (!isGood) throw new ModelPackageException(path, $"{key} is {value}, expected {expected}.");
    }
}
