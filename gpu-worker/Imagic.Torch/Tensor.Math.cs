using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Operations of three operands, activations, matrix products.</summary>
    public sealed partial class Tensor
    {
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Native.imagic_addcmul(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.imagic_addcmul_(this, tensor1, tensor2, value);
            return this;
        }

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => addcdiv(tensor1, tensor2, 1);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Native.imagic_addcdiv(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => addcdiv_(tensor1, tensor2, 1);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.imagic_addcdiv_(this, tensor1, tensor2, value);
            return this;
        }

        public Tensor lerp(Tensor end, Tensor weight) => Native.imagic_lerp(this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight)
        {
            Native.imagic_lerp_(this, end, weight);
            return this;
        }

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Native.imagic_clamp(this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Native.imagic_clamp_tensor(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null)
        {
            Native.imagic_clamp_(this, min, max);
            return this;
        }

        public Tensor clamp_(Tensor? min = null, Tensor? max = null)
        {
            Native.imagic_clamp_tensor_(this, min, max);
            return this;
        }

        public Tensor masked_fill(Tensor mask, Scalar value) => Native.imagic_masked_fill(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value)
        {
            Native.imagic_masked_fill_(this, mask, value);
            return this;
        }

        public Tensor masked_select(Tensor mask) => Native.imagic_masked_select(this, mask);

        /// <summary>This where <paramref name="condition"/> holds, else <paramref name="y"/>.</summary>
        public Tensor where(Tensor condition, Tensor y) => Native.imagic_where(condition, this, y);

        public Tensor tril(long diagonal = 0) => Native.imagic_tril(this, diagonal);

        public Tensor tril_(long diagonal = 0)
        {
            Native.imagic_tril_(this, diagonal);
            return this;
        }

        public Tensor triu(long diagonal = 0) => Native.imagic_triu(this, diagonal);

        public Tensor triu_(long diagonal = 0)
        {
            Native.imagic_triu_(this, diagonal);
            return this;
        }

        public Tensor gelu() => Native.imagic_gelu(this, tanh: false);

        public Tensor gelu(Modules.GELU.Approximate approximate) =>
            Native.imagic_gelu(this, approximate == Modules.GELU.Approximate.tanh);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Native.imagic_softmax(this, dim, dtype.Code());

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            Native.imagic_log_softmax(this, dim, dtype.Code());

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
        {
            var close = Native.imagic_allclose(this, target, rtol, atol, equal_nan);
            NativeError.ThrowIfAny();
            return close;
        }

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            Native.imagic_isclose(this, other, rtol, atol, nanEqual);

        /// <summary>Element by element, as TorchSharp has it; in torch itself it compares whole tensors.</summary>
        public Tensor equal(Tensor target) => eq(target);

        public Tensor dot(Tensor target) => Native.imagic_dot(this, target);

        public Tensor outer(Tensor vec2) => Native.imagic_outer(this, vec2);

        public Tensor mm(Tensor target) => Native.imagic_mm(this, target);

        public Tensor bmm(Tensor batch2) => Native.imagic_bmm(this, batch2);

        public Tensor matmul(Tensor target) => Native.imagic_matmul(this, target);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Native.imagic_addmm(this, mat1, mat2, beta, alpha);

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Native.imagic_baddbmm(this, batch1, batch2, beta, alpha);
    }
}
