using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>How a loss is summed up; the numbers are libtorch's (ATen/core/Reduction.h).</summary>
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        /// <summary>Layers as functions of plain tensors. Images are (B, C, H, W).</summary>
        public static partial class functional
        {
            /// <summary>(..., I) times weights (O, I) plus bias (O): (..., O).</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Native.imagic_linear(input, weights, bias);

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null,
                long[]? padding = null, long[]? dilation = null, long groups = 1)
            {
                var (s, p, d) = (strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1]);
                return Native.imagic_conv2d(input, weight, bias, s, s.Length, p, p.Length, d, d.Length, groups);
            }

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null,
                double eps = 1e-05) =>
                Native.imagic_group_norm(input, num_groups, weight, bias, eps);

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null,
                Tensor? bias = null, double eps = 1e-05) =>
                Native.imagic_layer_norm(input, normalized_shape, normalized_shape.Length, weight, bias, eps);

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false)
            {
                if (!inplace)
                    return x.gelu(approximate);
                Native.imagic_gelu_(x, approximate == Modules.GELU.Approximate.tanh);
                return x;
            }

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? throw new NotSupportedException("dropout: not in place.")
                    : Native.imagic_dropout(input, p, training);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Native.imagic_mse_loss(input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Native.imagic_l1_loss(input, target, (long)reduction);

            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null,
                long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0) =>
                Native.imagic_cross_entropy(input, target, weight, ignore_index, (long)reduction, label_smoothing);

            /// <summary>
            /// softmax(q·kᵀ/√d + mask)·v per head. query (B, H, T, d), key and value (B, H, S, d). A boolean mask says
            /// what takes part, any other is added to the scores.
            /// </summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value,
                Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (is_casual && attn_mask is not null)
                    throw new ArgumentException("Causal attention takes no other mask.", nameof(attn_mask));
                return Native.imagic_attention(query, key, value, attn_mask, p, is_casual);
            }

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant,
                double value = 0) =>
                functional.pad(input, pad.AsSpan(), mode, value);

            /// <summary>Amounts from the last dimension backwards: (left, right, top, bottom, ...).</summary>
            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant,
                double value = 0) =>
                Native.imagic_pad(input, pad, pad.Length, (int)mode, value);

            /// <summary>To a size (H, W) or by factors; images only.</summary>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null,
                bool recompute_scale_factor = false, bool antialias = false) =>
                recompute_scale_factor
                    ? throw new NotSupportedException("interpolate: give the size instead of recomputing factors.")
                    : Native.imagic_interpolate(x, size, size?.Length ?? 0, scale_factor, scale_factor?.Length ?? 0,
                        (int)mode, align_corners ?? false, antialias);
        }
    }
}
