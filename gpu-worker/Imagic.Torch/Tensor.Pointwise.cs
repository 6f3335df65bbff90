using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor abs() => Native.imagic_abs(this);

        public Tensor abs_()
        {
            Native.imagic_abs_(this);
            return this;
        }

        public Tensor neg() => Native.imagic_neg(this);

        public Tensor neg_()
        {
            Native.imagic_neg_(this);
            return this;
        }

        public Tensor exp() => Native.imagic_exp(this);

        public Tensor exp_()
        {
            Native.imagic_exp_(this);
            return this;
        }

        public Tensor log() => Native.imagic_log(this);

        public Tensor log_()
        {
            Native.imagic_log_(this);
            return this;
        }

        public Tensor sqrt() => Native.imagic_sqrt(this);

        public Tensor sqrt_()
        {
            Native.imagic_sqrt_(this);
            return this;
        }

        public Tensor rsqrt() => Native.imagic_rsqrt(this);

        public Tensor rsqrt_()
        {
            Native.imagic_rsqrt_(this);
            return this;
        }

        public Tensor reciprocal() => Native.imagic_reciprocal(this);

        public Tensor reciprocal_()
        {
            Native.imagic_reciprocal_(this);
            return this;
        }

        public Tensor sin() => Native.imagic_sin(this);

        public Tensor sin_()
        {
            Native.imagic_sin_(this);
            return this;
        }

        public Tensor cos() => Native.imagic_cos(this);

        public Tensor cos_()
        {
            Native.imagic_cos_(this);
            return this;
        }

        public Tensor tan() => Native.imagic_tan(this);

        public Tensor tan_()
        {
            Native.imagic_tan_(this);
            return this;
        }

        public Tensor atan() => Native.imagic_atan(this);

        public Tensor atan_()
        {
            Native.imagic_atan_(this);
            return this;
        }

        public Tensor tanh() => Native.imagic_tanh(this);

        public Tensor tanh_()
        {
            Native.imagic_tanh_(this);
            return this;
        }

        public Tensor sigmoid() => Native.imagic_sigmoid(this);

        public Tensor sigmoid_()
        {
            Native.imagic_sigmoid_(this);
            return this;
        }

        public Tensor relu() => Native.imagic_relu(this);

        public Tensor relu_()
        {
            Native.imagic_relu_(this);
            return this;
        }

        public Tensor erf() => Native.imagic_erf(this);

        public Tensor erf_()
        {
            Native.imagic_erf_(this);
            return this;
        }

        public Tensor expm1() => Native.imagic_expm1(this);

        public Tensor expm1_()
        {
            Native.imagic_expm1_(this);
            return this;
        }

        public Tensor log1p() => Native.imagic_log1p(this);

        public Tensor log1p_()
        {
            Native.imagic_log1p_(this);
            return this;
        }

        public Tensor log2() => Native.imagic_log2(this);

        public Tensor log2_()
        {
            Native.imagic_log2_(this);
            return this;
        }

        public Tensor log10() => Native.imagic_log10(this);

        public Tensor log10_()
        {
            Native.imagic_log10_(this);
            return this;
        }

        public Tensor floor() => Native.imagic_floor(this);

        public Tensor floor_()
        {
            Native.imagic_floor_(this);
            return this;
        }

        public Tensor ceil() => Native.imagic_ceil(this);

        public Tensor ceil_()
        {
            Native.imagic_ceil_(this);
            return this;
        }

        public Tensor trunc() => Native.imagic_trunc(this);

        public Tensor trunc_()
        {
            Native.imagic_trunc_(this);
            return this;
        }

        public Tensor sign() => Native.imagic_sign(this);

        public Tensor sign_()
        {
            Native.imagic_sign_(this);
            return this;
        }

        public Tensor silu() => Native.imagic_silu(this);

        public Tensor silu_()
        {
            Native.imagic_silu_(this);
            return this;
        }

        public Tensor logical_not() => Native.imagic_logical_not(this);

        public Tensor logical_not_()
        {
            Native.imagic_logical_not_(this);
            return this;
        }

        public Tensor bitwise_not() => Native.imagic_bitwise_not(this);

        public Tensor bitwise_not_()
        {
            Native.imagic_bitwise_not_(this);
            return this;
        }

        public Tensor square() => Native.imagic_square(this);

        public Tensor isnan() => Native.imagic_isnan(this);

        public Tensor isinf() => Native.imagic_isinf(this);

        public Tensor isfinite() => Native.imagic_isfinite(this);

        public Tensor nonzero() => Native.imagic_nonzero(this);

        public Tensor all() => Native.imagic_all(this);

        public Tensor any() => Native.imagic_any(this);

        public Tensor max() => Native.imagic_max(this);

        public Tensor min() => Native.imagic_min(this);

        public Tensor median() => Native.imagic_median(this);

        public Tensor trace() => Native.imagic_trace(this);

        public Tensor round(long decimals = 0) => Native.imagic_round(this, decimals);

        public Tensor round_(long decimals = 0)
        {
            Native.imagic_round_(this, decimals);
            return this;
        }
    }
}
