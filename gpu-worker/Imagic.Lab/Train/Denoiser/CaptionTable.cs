using Imagic.Diffusion.Clip;
using Imagic.Lab.DataSet;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Denoiser;

/// <summary>The token ids of all captions in device memory, and which of them a picture may get.</summary>
public sealed class CaptionTable : IDisposable
{
    /// <summary>How often each caption of <see cref="Captions.Of"/> is chosen: the plain name seldom, as it leaves the style
    /// open, the short form with the style most; keywords, which come last, once each.</summary>
    private static readonly int[] Weights = [1, 4, 2, 2];

    private readonly Tensor _ids, _choices, _starts, _counts;

    private CaptionTable(Tensor ids, Tensor choices, Tensor starts, Tensor counts) =>
        (_ids, _choices, _starts, _counts) = (ids, choices, starts, counts);

    /// <summary>Tokenizes the captions of pictures, drawing by drawing: on white, then on each of its colours.</summary>
    public static CaptionTable Create(
        IReadOnlyList<DataSetItem> items, IReadOnlyList<Background[]> colours, ClipTokenizer tokenizer, Device device)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(colours);
        ArgumentNullException.ThrowIfNull(tokenizer);
        List<string> texts = [""];
        List<long> choices = [], starts = [], counts = [];
        for (var index = 0; index < items.Count; index++)
        {
            Add(items[index].Captions, position => position < Weights.Length ? Weights[position] : 1);
            foreach (var colour in colours[index])
                Add([.. items[index].BackgroundCaptions.Select(caption => Captions.Name(caption, colour))], _ => 1);
        }
        var ids = new long[texts.Count * tokenizer.Length];
        Parallel.For(0, texts.Count, row =>
        {
            var tokens = tokenizer.Encode(texts[row]).Ids;
            for (var i = 0; i < tokenizer.Length; i++)
                ids[row * tokenizer.Length + i] = tokens[i];
        });
        using var scope = NewDisposeScope();
        return new(
            Load(tensor(ids, [texts.Count, tokenizer.Length], dtype: ScalarType.Int64)),
            Load(tensor(choices.ToArray(), dtype: ScalarType.Int64)),
            Load(tensor(starts.ToArray(), dtype: ScalarType.Int64)),
            Load(tensor(counts.ToArray(), dtype: ScalarType.Int64)));

        void Add(IReadOnlyList<string> captions, Func<int, int> weight)
        {
            starts.Add(choices.Count);
            for (var position = 0; position < captions.Count; position++)
            {
                choices.AddRange(Enumerable.Repeat((long)texts.Count, weight(position)));
                texts.Add(captions[position]);
            }
            counts.Add(choices.Count - starts[^1]);
        }

        Tensor Load(Tensor tensor) => tensor.to(device).DetachFromDisposeScope();
    }

    /// <summary>Ids (B, T) of a caption of each picture.</summary>
    /// <param name="pictures">int64 (B).</param>
    /// <param name="dropout">Share of pictures whose caption is empty, for classifier-free guidance.</param>
    /// <param name="generator">Lives on the table's device.</param>
    public Tensor Next(Tensor pictures, double dropout, Generator generator)
    {
        using var scope = NewDisposeScope();
        var device = _ids.device;
        var count = _counts.index_select(0, pictures);
        var draw = rand(pictures.shape, device: device, generator: generator).mul(count).floor_().to(ScalarType.Int64);
        var offset = minimum(draw, count - One); // a float32 just below 1 times the count rounds up to it
        var row = _choices.index_select(0, _starts.index_select(0, pictures).add(offset, One));
        var dropped = rand(pictures.shape, device: device, generator: generator).lt(Held(dropout));
        return _ids.index_select(0, row.masked_fill(dropped, Held(0))).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[_ids, _choices, _starts, _counts])
            tensor.Dispose();
    }
}
