using System.Globalization;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.SingleFile;

/// <summary>A tensor of a package, from one of the file.</summary>
/// <param name="Key">In the package.</param>
/// <param name="Shape">There.</param>
/// <param name="Of">Its values, from those in the file.</param>
internal sealed record OriginalPiece(string Key, long[] Shape, Func<Tensor, Tensor> Of)
{
    public static OriginalPiece Same(string key, SafetensorsEntry entry) => new(key, entry.Shape, value => value);
}

/// <summary>
/// Keys of the original Stable Diffusion code (<c>ldm/modules/diffusionmodules/openaimodel.py</c>, <c>model.py</c>) and of
/// OpenCLIP as those of diffusers and transformers, without the component's prefix. What has no place gives nothing.
/// </summary>
internal static class OriginalKeys
{
    private static readonly (string Old, string New)[] UNetStarts =
    [
        ("time_embed.0.", "time_embedding.linear_1."), ("time_embed.2.", "time_embedding.linear_2."),
        ("label_emb.0.0.", "add_embedding.linear_1."), ("label_emb.0.2.", "add_embedding.linear_2."),
        ("input_blocks.0.0.", "conv_in."), ("out.0.", "conv_norm_out."), ("out.2.", "conv_out."),
        ("middle_block.0.", "mid_block.resnets.0."), ("middle_block.1.", "mid_block.attentions.0."), ("middle_block.2.", "mid_block.resnets.1."),
    ];

    private static readonly (string Old, string New)[] Resnet =
    [
        (".in_layers.0.", ".norm1."), (".in_layers.2.", ".conv1."), (".emb_layers.1.", ".time_emb_proj."),
        (".out_layers.0.", ".norm2."), (".out_layers.3.", ".conv2."), (".skip_connection.", ".conv_shortcut."),
    ];

    private static readonly (string Old, string New)[] Vae =
    [
        ("coder.norm_out.", "coder.conv_norm_out."), (".nin_shortcut.", ".conv_shortcut."),
        (".mid.block_1.", ".mid_block.resnets.0."), (".mid.block_2.", ".mid_block.resnets.1."), (".mid.attn_1.", ".mid_block.attentions.0."),
        (".attentions.0.norm.", ".attentions.0.group_norm."), (".attentions.0.q.", ".attentions.0.to_q."), (".attentions.0.k.", ".attentions.0.to_k."),
        (".attentions.0.v.", ".attentions.0.to_v."), (".attentions.0.proj_out.", ".attentions.0.to_out.0."),
    ];

    private static readonly (string Old, string New)[] OpenClip =
    [
        ("token_embedding.", "embeddings.token_embedding."), ("ln_final.", "final_layer_norm."), ("transformer.resblocks.", "encoder.layers."),
        (".ln_1.", ".layer_norm1."), (".ln_2.", ".layer_norm2."), (".attn.", ".self_attn."), (".mlp.c_fc.", ".mlp.fc1."), (".mlp.c_proj.", ".mlp.fc2."),
    ];

    /// <param name="key">In the file.</param>
    /// <param name="entry">Its tensor.</param>
    /// <param name="resnets">Resnets of a level on the way down.</param>
    public static IEnumerable<OriginalPiece> UNet(string key, SafetensorsEntry entry, int resnets)
    {
        var place = Translate(UNetStarts, key);
        // input_blocks and output_blocks count the blocks of all levels in one row: resnets, each with its attention beside it,
        // then the change of resolution; input_blocks has conv_in first, and output_blocks the resampling beside the last resnet.
        if (place.Split('.', 4) is [var row and ("input_blocks" or "output_blocks"), var number, var part, var rest] && int.TryParse(number, CultureInfo.InvariantCulture, out var index))
        {
            var isDown = row == "input_blocks";
            var (level, layer) = Math.DivRem(isDown ? index - 1 : index, resnets + 1);
            var (blocks, inner) = (isDown ? "down_blocks" : "up_blocks", rest.Split('.')[0]) switch
            {
                (var down, "op") => (down, $"downsamplers.0.conv{rest["op".Length..]}"),
                (var up, "conv") => (up, $"upsamplers.0.{rest}"),
                (var both, _) => (both, $"{(part == "0" ? "resnets" : "attentions")}.{layer}.{rest}"),
            };
            place = $"{blocks}.{level}.{inner}";
        }

        return [OriginalPiece.Same(Translate(Resnet, place), entry)];
    }

    /// <param name="key">In the file.</param>
    /// <param name="entry">Its tensor.</param>
    /// <param name="levels">Resolution levels: the decoder's have their numbers from the other end.</param>
    public static IEnumerable<OriginalPiece> VaeOf(string key, SafetensorsEntry entry, int levels)
    {
        if (key.StartsWith("loss.", StringComparison.Ordinal)) yield break; // the discriminator that it was trained against
        var place = Translate(Vae, key.Split('.', 5) switch
        {
            ["encoder", "down", var level, "block", var rest] => $"encoder.down_blocks.{level}.resnets.{rest}",
            ["encoder", "down", var level, "downsample", var rest] => $"encoder.down_blocks.{level}.downsamplers.0.{rest}",
            ["decoder", "up", var level, "block", var rest] => $"decoder.up_blocks.{FromEnd(level)}.resnets.{rest}",
            ["decoder", "up", var level, "upsample", var rest] => $"decoder.up_blocks.{FromEnd(level)}.upsamplers.0.{rest}",
            _ => key,
        });
        // Attention's projections are 1×1 convolutions there, (C, C, 1, 1), and matrices here.
        long[] shape = place.Contains(".attentions.", StringComparison.Ordinal) && entry.Shape is [var to, var from, 1, 1] ? [to, from] : entry.Shape;
        yield return new(place, shape, value => value.view(shape));

        int FromEnd(string level) => int.TryParse(level, CultureInfo.InvariantCulture, out var index) ? levels - 1 - index : -1;
    }

    /// <summary>Keys of a text encoder.</summary>
    /// <param name="text">Which.</param>
    /// <param name="key">In the file.</param>
    /// <param name="entry">Its tensor.</param>
    /// <param name="layers">Layers that are read.</param>
    public static IEnumerable<OriginalPiece> Text(OriginalText text, string key, SafetensorsEntry entry, int layers)
    {
        if (key is "logit_scale") return [];
        if (key is "text_projection" or "text_projection.weight") return text.IsProjected ? [Projection(key, entry)] : [];
        if (!text.IsOpenClip) return WeightKeys.TextEncoder(key, layers) is { } known ? [OriginalPiece.Same(known, entry)] : [];
        var place = "text_model." + (key == "positional_embedding" ? "embeddings.position_embedding.weight" : Translate(OpenClip, key));
        if (WeightKeys.TextEncoderLayer(place) >= layers) return [];
        const string Packed = ".in_proj_";
        var at = place.IndexOf(Packed, StringComparison.Ordinal);
        return at < 0 ? [OriginalPiece.Same(place, entry)] : Unpack(place[..at], place[(at + Packed.Length)..], entry);
    }

    // Query, key and value below each other, (3·d, …).
    private static IEnumerable<OriginalPiece> Unpack(string attention, string kind, SafetensorsEntry entry)
    {
        var width = entry.Shape[0] / 3;
        return ((string[])["q", "k", "v"]).Select((name, i) => new OriginalPiece(
            $"{attention}.{name}_proj.{kind}", [width, .. entry.Shape[1..]], value => value.narrow(0, i * width, width)));
    }

    // OpenCLIP multiplies states with its projection, (in, out); a linear layer's weight is (out, in), and already so under the other key.
    private static OriginalPiece Projection(string key, SafetensorsEntry entry) => key.EndsWith(".weight", StringComparison.Ordinal)
        ? OriginalPiece.Same(key, entry)
        : new($"{key}.weight", [.. entry.Shape.Reverse()], value => value.t());

    // Each row once, where it is found; a row that starts with a dot or within a word is found anywhere.
    private static string Translate((string Old, string New)[] table, string key)
    {
        foreach (var (old, current) in table)
        {
            var isAnywhere = old[0] == '.' || old.StartsWith("coder", StringComparison.Ordinal);
            if (isAnywhere) key = key.Replace(old, current, StringComparison.Ordinal);
            else if (key.StartsWith(old, StringComparison.Ordinal)) key = current + key[old.Length..];
        }

        return key;
    }
}
