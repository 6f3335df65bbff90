using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Nothing computed on this thread is recorded for gradients until the result is disposed.</summary>
    public static IDisposable no_grad() => set_grad_enabled(false);

    public static IDisposable enable_grad(bool enabled = true) => set_grad_enabled(enabled);

    public static IDisposable set_grad_enabled(bool mode = true)
    {
        var before = Native.imagic_grad_mode();
        Native.imagic_set_grad_mode(mode);
        return new Restore(() => Native.imagic_set_grad_mode(before));
    }

    public static bool is_grad_enabled() => Native.imagic_grad_mode();

    /// <summary>As <see cref="no_grad"/>, and tensors made meanwhile can never take part in gradients.</summary>
    public static IDisposable inference_mode(bool mode = true)
    {
        var guard = Native.imagic_inference_mode_enter(mode);
        return new Restore(() => Native.imagic_inference_mode_leave(guard));
    }

    public static bool is_inference_mode_enabled() => Native.imagic_inference_mode();

    public static partial class autograd
    {
        /// <summary>Gradients of the outputs with respect to the inputs; no <c>grad</c> is touched.</summary>
        /// <returns>One per input; with <paramref name="allow_unused"/>, null for those without influence.</returns>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false,
            bool allow_unused = false)
        {
            var (roots, leaves, gradients) =
                (TensorList.Handles(outputs), TensorList.Handles(inputs), TensorList.Handles(grad_outputs));
            var result = TensorList.Collect(leaves.Length, results => Native.imagic_autograd_grad(roots, roots.Length,
                leaves, leaves.Length, gradients, gradients.Length, retain_graph, create_graph, allow_unused, results));
            GC.KeepAlive((outputs, inputs, grad_outputs));
            return result;
        }

        /// <summary>Adds the gradients of the tensors to <c>grad</c> of the leaves, or of the given inputs.</summary>
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            var (roots, gradients, leaves) =
                (TensorList.Handles(tensors), TensorList.Handles(grad_tensors), TensorList.Handles(inputs));
            Native.imagic_backward(roots, roots.Length, gradients, gradients.Length, retain_graph ?? create_graph,
                create_graph, leaves, leaves.Length);
            GC.KeepAlive((tensors, grad_tensors, inputs));
        }
    }

    /// <summary>Sets something back once.</summary>
    sealed class Restore(Action action) : IDisposable
    {
        Action? _action = action;

        public void Dispose() => Interlocked.Exchange(ref _action, null)?.Invoke();
    }
}
