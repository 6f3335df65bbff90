using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>A <see cref="Scalar"/> by value. Mirrors <c>ScalarArg</c> in native/shim.h.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly record struct NativeScalar(NativeScalar.Kind Type, long Integer, double Real)
{
    internal enum Kind : long { None, Bool, Integer, Real }
}

/// <summary>A <see cref="torch.Device"/> by value. Mirrors <c>DeviceArg</c> in native/shim.h.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly record struct NativeDevice(int Type, int Index)
{
    public static NativeDevice From(torch.Device? device) =>
        device is null ? new(-1, -1) : new((int)device.type, device.index);
}

/// <summary>Element type and place of a new tensor. Mirrors <c>OptionsArg</c> in native/shim.h.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly record struct NativeOptions(int DType, NativeDevice Device, Flag RequiresGrad)
{
    public NativeOptions(torch.ScalarType? dtype, torch.Device? device, bool requiresGrad)
        : this(dtype.Code(), NativeDevice.From(device), requiresGrad)
    {
    }
}

/// <summary>One entry of <c>x[...]</c>. Mirrors <c>IndexArg</c> in native/shape.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly record struct NativeIndex(NativeIndex.Kind Type, long Start, long Stop, long Step, nint Tensor)
{
    internal enum Kind : long { None, Ellipsis, Integer, Boolean, Slice, Tensor }
}

/// <summary>A C++ <c>bool</c>.</summary>
readonly record struct Flag(byte Value)
{
    public static implicit operator Flag(bool value) => new(value ? (byte)1 : (byte)0);

    public static implicit operator bool(Flag flag) => flag.Value != 0;
}

static class NativeCodes
{
    /// <summary>libtorch's number of an element type; -1 where none is given.</summary>
    public static int Code(this torch.ScalarType? dtype) => dtype is { } given ? (int)given : -1;
}
