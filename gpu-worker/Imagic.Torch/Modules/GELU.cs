namespace TorchSharp.Modules;

/// <summary>Names the variants of the activation; there are no modules in this binding.</summary>
public static class GELU
{
    public enum Approximate
    {
        none,
        tanh,
    }
}
