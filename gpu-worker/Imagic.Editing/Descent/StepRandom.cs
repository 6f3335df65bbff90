using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>What one training step is evaluated on.</summary>
/// <param name="Noise">Unit normal, (B, C, h, w).</param>
/// <param name="Timesteps">int64, (B).</param>
public readonly record struct StepDraw(Tensor Noise, Tensor Timesteps)
{
    /// <summary>Noise and its levels that the small picture gets, where super-resolution is trained.</summary>
    public (Tensor Noise, Tensor Levels)? Augmentation { get; init; }

    /// <summary>The draws of parts of the batch.</summary>
    public IEnumerable<StepDraw> Chunk(int parts)
    {
        var (noise, timesteps) = (Noise.chunk(parts), Timesteps.chunk(parts));
        var (augmentation, levels) = (Augmentation?.Noise.chunk(parts), Augmentation?.Levels.chunk(parts));
        return Enumerable.Range(0, parts).Select(i => new StepDraw(noise[i], timesteps[i])
        {
            Augmentation = augmentation is null ? null : (augmentation[i], levels![i]),
        });
    }
}

/// <summary>Gives the draw of a step; called inside the step's dispose scope.</summary>
public delegate StepDraw DrawForStep(int step);

/// <summary>
/// Randomness as a function of (seed, purpose, step). Generators are seeded anew for each use and always live on the
/// CPU, so that resuming needs no generator state and every device and worker draws the same numbers.
/// </summary>
public static class StepRandom
{
    /// <summary>A generator for one use.</summary>
    public static Generator For(long seed, string purpose, int step)
    {
        var generator = new Generator();
        generator.manual_seed(Seed(seed, purpose, step));
        return generator;
    }

    /// <summary>What the generator of one use is seeded with, 0 or more.</summary>
    public static long Seed(long seed, string purpose, int step)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{purpose}/{step}"), hash);
        return (long)(BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 1);
    }

    /// <summary>Unit-normal float32 noise of <paramref name="shape"/> on <paramref name="device"/>.</summary>
    public static Tensor Noise(long seed, string purpose, int step, long[] shape, Device device)
    {
        using var generator = For(seed, purpose, step);
        return randn(shape, dtype: ScalarType.Float32, generator: generator).to(device);
    }

    /// <summary>Draws for training: uniform timesteps, unit-normal noise.</summary>
    /// <param name="shape">Shape of one noise, (C, h, w).</param>
    /// <param name="trainTimesteps">Timesteps that the model was trained on, usually 1000.</param>
    public static DrawForStep Training(long seed, string stage, int batch, long[] shape, int trainTimesteps, Device device) =>
        step =>
        {
            using var generator = For(seed, stage, step);
            var timesteps = randint(trainTimesteps, [batch], dtype: ScalarType.Int64, generator: generator);
            var noise = randn([batch, .. shape], dtype: ScalarType.Float32, generator: generator);
            return new(noise.to(device), timesteps.to(device));
        };

    /// <summary>The same draws, and with each the noise of the small picture that super-resolution starts from, at uniform levels.</summary>
    /// <param name="draws">Those of the training itself.</param>
    /// <param name="levels">Levels that there are.</param>
    /// <param name="seed">As for <paramref name="draws"/>.</param>
    /// <param name="stage">As for <paramref name="draws"/>.</param>
    public static DrawForStep Augmented(DrawForStep draws, int levels, long seed, string stage) =>
        step =>
        {
            var draw = draws(step);
            using var generator = For(seed, $"{stage} augmentation", step);
            var level = randint(levels, [draw.Noise.shape[0]], dtype: ScalarType.Int64, generator: generator);
            var noise = randn(draw.Noise.shape, dtype: ScalarType.Float32, generator: generator);
            return draw with { Augmentation = (noise.to(draw.Noise.device), level.to(draw.Noise.device)) };
        };
}
