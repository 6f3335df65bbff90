namespace Imagic.Imaging;

/// <summary>A drawn text: how much ink covers each pixel, (Height, Width), 0 = none, 255 = full. As wide as
/// its ink, but as tall as its lines, so that labels side by side share their baselines.</summary>
public sealed record TextMask(int Width, int Height, byte[] Coverage);
