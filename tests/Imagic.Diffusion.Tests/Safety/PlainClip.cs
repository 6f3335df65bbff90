using Imagic.Tests;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Safety;

/// <summary>CLIP's transformer of pictures in loops over numbers, one picture at a time.</summary>
internal static class PlainClip
{
    private const int Heads = 2;

    private static readonly double[] Mean = [0.48145466, 0.4578275, 0.40821073], Deviation = [0.26862954, 0.26130258, 0.27577711];

    /// <param name="weights">Of <see cref="CheckedPackage"/>.</param>
    /// <param name="pixels">Interleaved RGB.</param>
    public static double[] Embed(Dictionary<string, Tensor> weights, byte[] pixels)
    {
        const int Side = CheckedPackage.Side, Patch = CheckedPackage.Patch, Width = CheckedPackage.Width, Grid = Side / Patch;
        var (patches, positions) = (Of("embeddings.patch_embedding.weight"), Of("embeddings.position_embedding.weight"));
        var states = new double[(Grid * Grid) + 1][];
        states[0] = Of("embeddings.class_embedding");
        for (var patch = 0; patch < Grid * Grid; patch++)
        {
            states[patch + 1] = new double[Width];
            for (var unit = 0; unit < Width; unit++)
            {
                for (var channel = 0; channel < 3; channel++)
                {
                    for (var y = 0; y < Patch; y++)
                    {
                        for (var x = 0; x < Patch; x++)
                        {
                            var at = ((((patch / Grid * Patch) + y) * Side) + (patch % Grid * Patch) + x) * 3;
                            var value = ((pixels[at + channel] / 255.0) - Mean[channel]) / Deviation[channel];
                            states[patch + 1][unit] += value * patches[(((((unit * 3) + channel) * Patch) + y) * Patch) + x];
                        }
                    }
                }
            }
        }

        states = [.. states.Select((state, i) => Norm([.. state.Select((value, unit) => value + positions[(i * Width) + unit])], "pre_layrnorm"))];
        for (var layer = 0; layer < CheckedPackage.Layers; layer++)
        {
            var name = $"encoder.layers.{layer}.";
            var normed = states.Select(state => Norm(state, name + "layer_norm1")).ToArray();
            var (queries, keys, values) = (Each(normed, "q_proj"), Each(normed, "k_proj"), Each(normed, "v_proj"));
            states = [.. states.Select((state, i) => Sum(state, Linear(Attend(queries[i], keys, values), name + "self_attn.out_proj")))];
            states = [.. states.Select(state => Sum(state, Linear([.. Linear(Norm(state, name + "layer_norm2"), name + "mlp.fc1").Select(value => value / (1 + Math.Exp(-1.702 * value)))], name + "mlp.fc2")))];

            double[][] Each(double[][] inputs, string projection) => [.. inputs.Select(input => Linear(input, $"{name}self_attn.{projection}"))];
        }

        return Times(Norm(states[0], "post_layernorm"), Numbers(weights["visual_projection.weight"]));

        double[] Of(string key) => Numbers(weights["vision_model.vision_model." + key]);

        double[] Linear(double[] input, string key) => Sum(Times(input, Of(key + ".weight")), Of(key + ".bias"));

        double[] Norm(double[] input, string key)
        {
            var mean = input.Average();
            var deviation = Math.Sqrt(input.Average(value => (value - mean) * (value - mean)) + 1e-5);
            var (gain, bias) = (Of(key + ".weight"), Of(key + ".bias"));
            return [.. input.Select((value, i) => ((value - mean) / deviation * gain[i]) + bias[i])];
        }
    }

    private static double[] Attend(double[] query, double[][] keys, double[][] values)
    {
        var size = query.Length / Heads;
        var result = new double[query.Length];
        for (var head = 0; head < Heads; head++)
        {
            var units = Enumerable.Range(head * size, size).ToList();
            var shares = keys.Select(key => Math.Exp(units.Sum(unit => query[unit] * key[unit]) / Math.Sqrt(size))).ToArray();
            foreach (var unit in units) result[unit] = values.Select((value, i) => value[unit] * shares[i]).Sum() / shares.Sum();
        }

        return result;
    }

    private static double[] Times(double[] input, double[] weight) =>
        [.. weight.Chunk(input.Length).Select(row => row.Zip(input, (a, b) => a * b).Sum())];

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Numbers(Tensor values) => [.. values.data<float>().Select(value => (double)value)];
}
