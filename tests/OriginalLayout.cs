using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Tests;

/// <summary>
/// Puts a package's weights into one file as the original code has them. Written from the layout of that code, without a look
/// at the converter: the one goes from the package to the file, the other from the file to the package.
/// </summary>
internal static partial class OriginalLayout
{
    /// <summary>All tensors of a package, and what such a file holds besides.</summary>
    public static List<(string Key, Tensor Value)> Of(string folder)
    {
        var tensors = new List<(string Key, Tensor Value)>();
        var isXl = Directory.Exists(Path.Combine(folder, "text_encoder_2"));
        var isV2 = folder.EndsWith("sd2-micro", StringComparison.Ordinal);
        tensors.AddRange(Read(folder, "unet/diffusion_pytorch_model").Select(tensor => ("model.diffusion_model." + UNet(tensor.Key, ups: UpsWithAttention(folder)), tensor.Value)));
        tensors.AddRange(Read(folder, "vae/diffusion_pytorch_model").Select(tensor => (
            "first_stage_model." + Vae(tensor.Key, levels: 2), tensor.Key.Contains("attentions") && tensor.Value.dim() == 2 ? tensor.Value.unsqueeze(-1).unsqueeze(-1) : tensor.Value)));
        var text = Read(folder, "text_encoder/model");
        if (isXl)
        {
            tensors.AddRange(text.Select(tensor => ("conditioner.embedders.0.transformer." + tensor.Key, tensor.Value)));
            tensors.AddRange(OpenClip("conditioner.embedders.1.model.", Read(folder, "text_encoder_2/model")));
        }
        else if (isV2)
        {
            tensors.AddRange(OpenClip("cond_stage_model.model.", text));
            // The layer that is never read, and the projection.
            tensors.AddRange(OpenClip("cond_stage_model.model.", text.Where(tensor => tensor.Key.Contains("layers.2.")).Select(tensor => (tensor.Key.Replace("layers.2.", "layers.3."), tensor.Value.flip(0)))));
            tensors.Add(("cond_stage_model.model.text_projection", rand(16, 16)));
        }
        else
        {
            tensors.AddRange(text.Select(tensor => ("cond_stage_model.transformer." + tensor.Key, tensor.Value)));
        }

        if (isXl || isV2) tensors.Add(((isXl ? "conditioner.embedders.1" : "cond_stage_model") + ".model.logit_scale", tensor(4.6f)));
        // Of the training.
        tensors.AddRange([("betas", rand(1000)), ("alphas_cumprod", rand(1000)), ("model_ema.decay", tensor(0.9999f)), ("model_ema.diffusion_modeltime_embed0weight", rand(4, 4)), ("first_stage_model.loss.logvar", tensor(0f))]);
        return tensors;
    }

    /// <summary>A component's tensors.</summary>
    public static List<(string Key, Tensor Value)> Read(string folder, string file) => Read(Path.Combine(folder, file + ".safetensors"));

    public static List<(string Key, Tensor Value)> Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return [.. file.Entries.Keys.Select(key => (key, file.ReadTensor(key)))];
    }

    /// <summary>A file of these shapes whose data are a hole of the disk.</summary>
    public static void WriteHole(string path, IEnumerable<(string Key, long[] Shape)> tensors)
    {
        var header = new Dictionary<string, object>();
        var end = 0L;
        foreach (var (key, shape) in tensors)
        {
            var begin = end;
            end += 2 * shape.Aggregate(1L, (product, size) => product * size);
            header[key] = new Dictionary<string, object> { ["dtype"] = "F16", ["shape"] = shape, ["data_offsets"] = new[] { begin, end } };
        }

        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        using var file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)json.Length));
        file.Write(json);
        file.SetLength(file.Length + end);
    }

    public static string UNet(string key, bool[] ups, int resnets = 1)
    {
        (string, string)[] plain =
        [
            ("conv_in.", "input_blocks.0.0."), ("conv_norm_out.", "out.0."), ("conv_out.", "out.2."),
            ("time_embedding.linear_1.", "time_embed.0."), ("time_embedding.linear_2.", "time_embed.2."),
            ("add_embedding.linear_1.", "label_emb.0.0."), ("add_embedding.linear_2.", "label_emb.0.2."),
            ("mid_block.resnets.0.", "middle_block.0."), ("mid_block.attentions.0.", "middle_block.1."), ("mid_block.resnets.1.", "middle_block.2."),
        ];
        foreach (var (now, then) in plain)
        {
            if (key.StartsWith(now, StringComparison.Ordinal)) return then + Resnet(key[now.Length..], key.Contains(".resnets."));
        }

        var match = Block().Match(key);
        var (down, block, kind, layer, rest) = (match.Groups[1].Value == "down", Number(match, 2), match.Groups[3].Value, Number(match, 4), match.Groups[5].Value);
        var row = resnets + 1;
        return (down, kind) switch
        {
            (true, "downsamplers") => $"input_blocks.{(row * block) + row}.0.op.{rest["conv.".Length..]}",
            (false, "upsamplers") => $"output_blocks.{(row * block) + resnets}.{(ups[block] ? 2 : 1)}.{rest}",
            (true, _) => $"input_blocks.{(row * block) + layer + 1}.{(kind == "resnets" ? 0 : 1)}.{Resnet(rest, kind == "resnets")}",
            (false, _) => $"output_blocks.{(row * block) + layer}.{(kind == "resnets" ? 0 : 1)}.{Resnet(rest, kind == "resnets")}",
        };
    }

    public static string Vae(string key, int levels) => AttentionOf(DecoderUp().Replace(EncoderDown().Replace(
        key.Replace("conv_norm_out.", "norm_out.").Replace("mid_block.resnets.0.", "mid.block_1.").Replace("mid_block.resnets.1.", "mid.block_2.").Replace("conv_shortcut.", "nin_shortcut."),
        match => $"encoder.down.{match.Groups[1].Value}.{Step(match.Groups[2].Value, match.Groups[3].Value)}"),
        match => $"decoder.up.{levels - 1 - Number(match, 1)}.{Step(match.Groups[2].Value, match.Groups[3].Value)}"));

    private static string AttentionOf(string key)
    {
        const string Now = "mid_block.attentions.0.";
        if (!key.Contains(Now)) return key;
        return key.Replace(Now, "mid.attn_1.").Replace("group_norm.", "norm.").Replace("to_q.", "q.").Replace("to_k.", "k.").Replace("to_v.", "v.").Replace("to_out.0.", "proj_out.");
    }

    private static string Step(string kind, string number) => kind switch { "resnets" => $"block.{number}.", "downsamplers" => "downsample.", _ => "upsample." };

    private static IEnumerable<(string Key, Tensor Value)> OpenClip(string prefix, IEnumerable<(string Key, Tensor Value)> text)
    {
        foreach (var layer in text.Where(tensor => !tensor.Key.EndsWith("position_ids", StringComparison.Ordinal)).GroupBy(tensor => Projection().Match(tensor.Key) is { Success: true } match ? $"{match.Groups[1].Value}attn.in_proj_{match.Groups[2].Value}" : tensor.Key))
        {
            var key = layer.Key.Replace("text_model.encoder.layers.", "transformer.resblocks.").Replace("text_model.embeddings.position_embedding.weight", "positional_embedding")
                .Replace("text_model.embeddings.", "").Replace("text_model.final_layer_norm.", "ln_final.").Replace("layer_norm", "ln_").Replace("fc1.", "c_fc.").Replace("fc2.", "c_proj.")
                .Replace("self_attn.", "attn.").Replace("text_projection.weight", "text_projection");
            var value = layer.Count() == 3
                ? cat([.. "qkv".Select(part => layer.Single(tensor => tensor.Key.Contains($".{part}_proj.")).Value)])
                : layer.Single().Value;
            yield return (prefix + key, key == "text_projection" ? value.t().contiguous() : value);
        }
    }

    private static string Resnet(string rest, bool isResnet) => !isResnet ? rest : rest
        .Replace("norm1.", "in_layers.0.").Replace("conv1.", "in_layers.2.").Replace("time_emb_proj.", "emb_layers.1.")
        .Replace("norm2.", "out_layers.0.").Replace("conv2.", "out_layers.3.").Replace("conv_shortcut.", "skip_connection.");

    private static bool[] UpsWithAttention(string folder)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "unet", "config.json")));
        return [.. config.RootElement.GetProperty("up_block_types").EnumerateArray().Select(type => type.GetString() == "CrossAttnUpBlock2D")];
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.*)$")]
    private static partial Regex Block();

    [GeneratedRegex(@"encoder\.down_blocks\.(\d+)\.(resnets|downsamplers)\.(\d+)\.")]
    private static partial Regex EncoderDown();

    [GeneratedRegex(@"decoder\.up_blocks\.(\d+)\.(resnets|upsamplers)\.(\d+)\.")]
    private static partial Regex DecoderUp();

    [GeneratedRegex(@"^(.*)self_attn\.[qkv]_proj\.(weight|bias)$")]
    private static partial Regex Projection();
}
