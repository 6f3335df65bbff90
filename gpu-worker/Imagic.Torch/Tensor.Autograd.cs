using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public bool requires_grad
        {
            get => Native.imagic_requires_grad(this);
            set => Native.imagic_set_requires_grad(this, value);
        }

        public bool is_leaf => Native.imagic_is_leaf(this);

        /// <summary>Null until a backward pass has reached this leaf. Each read makes a new handle to it.</summary>
        public Tensor? grad
        {
            get => Native.imagic_grad(this);
            set => Native.imagic_set_grad(this, value);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad() => Native.imagic_retain_grad(this);

        public Tensor detach() => Native.imagic_detach(this);

        public Tensor detach_()
        {
            Native.imagic_detach_(this);
            return this;
        }

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
