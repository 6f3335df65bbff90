namespace Imagic.Diffusion.Packages;

/// <summary>Which picture sizes a model works at.</summary>
/// <param name="Side">Side of the square pictures that it was trained on, in pixels.</param>
/// <param name="Multiple">What both sides should be divisible by, so that every level of the UNet halves evenly.</param>
public readonly record struct ImageGeometry(int Side, int Multiple);
