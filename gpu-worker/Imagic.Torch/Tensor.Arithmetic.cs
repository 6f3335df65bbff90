using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor sub(Tensor target) => Native.imagic_sub(this, target);

        public Tensor sub(Scalar target) => Native.imagic_sub_scalar(this, target);

        public Tensor sub_(Tensor target)
        {
            Native.imagic_sub_(this, target);
            return this;
        }

        public Tensor sub_(Scalar target)
        {
            Native.imagic_sub_scalar_(this, target);
            return this;
        }

        public Tensor mul(Tensor target) => Native.imagic_mul(this, target);

        public Tensor mul(Scalar target) => Native.imagic_mul_scalar(this, target);

        public Tensor mul_(Tensor target)
        {
            Native.imagic_mul_(this, target);
            return this;
        }

        public Tensor mul_(Scalar target)
        {
            Native.imagic_mul_scalar_(this, target);
            return this;
        }

        public Tensor pow(Tensor exponent) => Native.imagic_pow(this, exponent);

        public Tensor pow(Scalar exponent) => Native.imagic_pow_scalar(this, exponent);

        public Tensor pow_(Tensor exponent)
        {
            Native.imagic_pow_(this, exponent);
            return this;
        }

        public Tensor pow_(Scalar exponent)
        {
            Native.imagic_pow_scalar_(this, exponent);
            return this;
        }

        public Tensor remainder(Tensor target) => Native.imagic_remainder(this, target);

        public Tensor remainder(Scalar scalar) => Native.imagic_remainder_scalar(this, scalar);

        public Tensor remainder_(Tensor target)
        {
            Native.imagic_remainder_(this, target);
            return this;
        }

        public Tensor remainder_(Scalar scalar)
        {
            Native.imagic_remainder_scalar_(this, scalar);
            return this;
        }

        public Tensor eq(Tensor target) => Native.imagic_eq(this, target);

        public Tensor eq(Scalar target) => Native.imagic_eq_scalar(this, target);

        public Tensor eq_(Tensor target)
        {
            Native.imagic_eq_(this, target);
            return this;
        }

        public Tensor eq_(Scalar target)
        {
            Native.imagic_eq_scalar_(this, target);
            return this;
        }

        public Tensor ne(Tensor target) => Native.imagic_ne(this, target);

        public Tensor ne(Scalar target) => Native.imagic_ne_scalar(this, target);

        public Tensor ne_(Tensor target)
        {
            Native.imagic_ne_(this, target);
            return this;
        }

        public Tensor ne_(Scalar target)
        {
            Native.imagic_ne_scalar_(this, target);
            return this;
        }

        public Tensor lt(Tensor target) => Native.imagic_lt(this, target);

        public Tensor lt(Scalar target) => Native.imagic_lt_scalar(this, target);

        public Tensor lt_(Tensor target)
        {
            Native.imagic_lt_(this, target);
            return this;
        }

        public Tensor lt_(Scalar target)
        {
            Native.imagic_lt_scalar_(this, target);
            return this;
        }

        public Tensor le(Tensor target) => Native.imagic_le(this, target);

        public Tensor le(Scalar target) => Native.imagic_le_scalar(this, target);

        public Tensor le_(Tensor target)
        {
            Native.imagic_le_(this, target);
            return this;
        }

        public Tensor le_(Scalar target)
        {
            Native.imagic_le_scalar_(this, target);
            return this;
        }

        public Tensor gt(Tensor target) => Native.imagic_gt(this, target);

        public Tensor gt(Scalar target) => Native.imagic_gt_scalar(this, target);

        public Tensor gt_(Tensor target)
        {
            Native.imagic_gt_(this, target);
            return this;
        }

        public Tensor gt_(Scalar target)
        {
            Native.imagic_gt_scalar_(this, target);
            return this;
        }

        public Tensor ge(Tensor target) => Native.imagic_ge(this, target);

        public Tensor ge(Scalar target) => Native.imagic_ge_scalar(this, target);

        public Tensor ge_(Tensor target)
        {
            Native.imagic_ge_(this, target);
            return this;
        }

        public Tensor ge_(Scalar target)
        {
            Native.imagic_ge_scalar_(this, target);
            return this;
        }

        public Tensor logical_and(Tensor other) => Native.imagic_logical_and(this, other);

        public Tensor logical_and_(Tensor other)
        {
            Native.imagic_logical_and_(this, other);
            return this;
        }

        public Tensor logical_or(Tensor other) => Native.imagic_logical_or(this, other);

        public Tensor logical_or_(Tensor other)
        {
            Native.imagic_logical_or_(this, other);
            return this;
        }

        public Tensor bitwise_and(Tensor other) => Native.imagic_bitwise_and(this, other);

        public Tensor bitwise_and_(Tensor other)
        {
            Native.imagic_bitwise_and_(this, other);
            return this;
        }

        public Tensor bitwise_or(Tensor other) => Native.imagic_bitwise_or(this, other);

        public Tensor bitwise_or_(Tensor other)
        {
            Native.imagic_bitwise_or_(this, other);
            return this;
        }

        public Tensor bitwise_xor(Tensor other) => Native.imagic_bitwise_xor(this, other);

        public Tensor bitwise_xor_(Tensor other)
        {
            Native.imagic_bitwise_xor_(this, other);
            return this;
        }

        public Tensor maximum(Tensor other) => Native.imagic_maximum(this, other);

        public Tensor minimum(Tensor other) => Native.imagic_minimum(this, other);

        public Tensor max(Tensor other) => Native.imagic_maximum(this, other);

        public Tensor min(Tensor other) => Native.imagic_minimum(this, other);

        public Tensor add(Tensor target) => add(target, 1);

        public Tensor add(Tensor target, Scalar alpha) => Native.imagic_add(this, target, alpha);

        public Tensor add(Scalar scalar) => add(scalar, 1);

        public Tensor add(Scalar scalar, Scalar alpha) => Native.imagic_add_scalar(this, scalar, alpha);

        public Tensor add_(Tensor target) => add_(target, 1);

        public Tensor add_(Tensor target, Scalar alpha)
        {
            Native.imagic_add_(this, target, alpha);
            return this;
        }

        public Tensor add_(Scalar scalar) => add_(scalar, 1);

        public Tensor add_(Scalar scalar, Scalar alpha)
        {
            Native.imagic_add_scalar_(this, scalar, alpha);
            return this;
        }

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Native.imagic_div(this, target, (int)rounding_mode);

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Native.imagic_div_scalar(this, target, (int)rounding_mode);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Native.imagic_div_(this, target, (int)rounding_mode);
            return this;
        }

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Native.imagic_div_scalar_(this, target, (int)rounding_mode);
            return this;
        }
    }
}
