using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.T5;

/// <summary>T5's encoder (transformers <c>models/t5/modeling_t5.py</c>, <c>T5EncoderModel</c>).</summary>
public sealed class T5EncoderModel : IDisposable
{
    private readonly Tensor _shared;
    private readonly Tensor _relativeBias;
    private readonly T5Block[] _blocks;
    private readonly RmsNorm _finalNorm;

    /// <summary>Declares the model's parameters; the caller binds them.</summary>
    /// <param name="config">Sizes of the model.</param>
    /// <param name="parameters">The model's own set, which it disposes.</param>
    public T5EncoderModel(T5Config config, ParameterSet parameters)
    {
        (Config, Parameters) = (config, parameters);
        var (encoder, blocks) = (parameters.Root["encoder"], parameters.Root["encoder"]["block"]);
        _shared = parameters.Root["shared"].Weight("weight", config.VocabSize, config.DModel);
        _blocks = [.. Enumerable.Range(0, config.NumLayers).Select(i => new T5Block(blocks[i]["layer"], config))];
        _relativeBias = blocks[0]["layer"][0]["SelfAttention"]["relative_attention_bias"]
            .Weight("weight", config.RelativeAttentionNumBuckets, config.NumHeads);
        _finalNorm = new(encoder["final_layer_norm"], config.DModel, config.LayerNormEpsilon);
    }

    public T5Config Config { get; }

    /// <summary>All parameters, under their state-dict keys.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>The last hidden state at every position, (B, T, d).</summary>
    /// <param name="ids">Token ids, int64 (B, T).</param>
    /// <param name="mask">1 where a position may be looked at and 0 at padding, (B, T).</param>
    public Tensor Forward(Tensor ids, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (ids.shape[0], ids.shape[1]);
        var states = _shared.index_select(0, ids.reshape(-1)).view(batch, length, Config.DModel);
        var hidden = mask.to(ScalarType.Float32).OneMinus().mul(Held(float.MinValue)).view(batch, 1, 1, length);
        var bias = PositionBias(length).add(hidden, One);
        foreach (var block in _blocks)
        {
            using var layer = NewDisposeScope();
            states = block.Forward(states, bias).MoveToOuterDisposeScope();
        }

        return _finalNorm.Forward(states).MoveToOuterDisposeScope();
    }

    public void Dispose() => Parameters.Dispose();

    /// <summary>What each head adds to the score of a position for each other one, (1, heads, T, T) float32.</summary>
    private Tensor PositionBias(long length)
    {
        var buckets = new long[length * length];
        for (var query = 0; query < length; query++)
        {
            for (var key = 0; key < length; key++) buckets[(query * length) + key] = Bucket(key - query);
        }

        var indices = tensor(buckets, device: Parameters.Device);
        return _relativeBias.index_select(0, indices).view(length, length, Config.NumHeads)
            .permute(2, 0, 1).unsqueeze(0).to(ScalarType.Float32);
    }

    // Half of the buckets look back, half ahead; of each, the first half is one distance each, the others grow with the
    // logarithm, in float32 as the original has it.
    private long Bucket(int distance)
    {
        var half = Config.RelativeAttentionNumBuckets / 2;
        var (exact, offset, steps) = (half / 2, distance > 0 ? half : 0, Math.Abs(distance));
        if (steps < exact) return offset + steps;
        var growth = MathF.Log((float)steps / exact) / (float)Math.Log(Config.RelativeAttentionMaxDistance / (double)exact);
        return offset + Math.Min(exact + (long)(growth * (half - exact)), half - 1);
    }
}

/// <summary>Self-attention and a gated feed-forward block, each behind a norm and added to its input.</summary>
internal sealed class T5Block(ParameterScope scope, T5Config config)
{
    private readonly int _heads = config.NumHeads;
    private readonly RmsNorm _norm1 = new(scope[0]["layer_norm"], config.DModel, config.LayerNormEpsilon);
    private readonly Linear _query = new(scope[0]["SelfAttention"]["q"], config.DModel, config.NumHeads * config.DKv, bias: false);
    private readonly Linear _key = new(scope[0]["SelfAttention"]["k"], config.DModel, config.NumHeads * config.DKv, bias: false);
    private readonly Linear _value = new(scope[0]["SelfAttention"]["v"], config.DModel, config.NumHeads * config.DKv, bias: false);
    private readonly Linear _out = new(scope[0]["SelfAttention"]["o"], config.NumHeads * config.DKv, config.DModel, bias: false);
    private readonly RmsNorm _norm2 = new(scope[1]["layer_norm"], config.DModel, config.LayerNormEpsilon);
    private readonly Linear _gate = new(scope[1]["DenseReluDense"]["wi_0"], config.DModel, config.DFf, bias: false);
    private readonly Linear _up = new(scope[1]["DenseReluDense"]["wi_1"], config.DModel, config.DFf, bias: false);
    private readonly Linear _down = new(scope[1]["DenseReluDense"]["wo"], config.DFf, config.DModel, bias: false);

    /// <param name="states">(B, T, d).</param>
    /// <param name="bias">Added to the scores, (B, heads, T, T) float32.</param>
    public Tensor Forward(Tensor states, Tensor bias)
    {
        states = states.add(Attend(_norm1.Forward(states), bias), One);
        var normed = _norm2.Forward(states);
        return states.add(_down.Forward(Gelu(_gate.Forward(normed)).mul(_up.Forward(normed))), One);
    }

    // Without a scale: the weights were initialized for that.
    private Tensor Attend(Tensor states, Tensor bias)
    {
        var (query, key, value) = (Heads(_query.Forward(states)), Heads(_key.Forward(states)), Heads(_value.Forward(states)));
        var scores = matmul(query, key.transpose(2, 3)).add(bias.to(query.dtype), One);
        var weights = nn.functional.softmax(scores.to(ScalarType.Float32), dim: -1).to(value.dtype);
        return _out.Forward(matmul(weights, value).transpose(1, 2).flatten(2));
    }

    // (B, T, heads · d_kv) → (B, heads, T, d_kv)
    private Tensor Heads(Tensor states) => states.unflatten(2, [_heads, -1]).transpose(1, 2);

    // The approximation of GELU by tanh that T5 1.1 was trained with.
    private static Tensor Gelu(Tensor x) =>
        x.add(x.pow(Held(3)), Held(0.044715)).mul(Held(Math.Sqrt(2 / Math.PI))).tanh().add(One, One).mul(x).mul(Held(0.5));
}

/// <summary>Division by the root mean square over the last dimension, and a gain, (…, C) → same.</summary>
internal sealed class RmsNorm(ParameterScope scope, long channels, double eps)
{
    private readonly Tensor _weight = scope.Ones("weight", channels);

    public Tensor Forward(Tensor x)
    {
        var variance = x.to(ScalarType.Float32).pow(Held(2)).mean([-1], keepdim: true);
        return x.mul(variance.add(Held(eps), One).rsqrt()).to(_weight.dtype).mul(_weight);
    }
}
