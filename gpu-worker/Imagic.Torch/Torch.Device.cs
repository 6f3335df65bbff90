using System.Globalization;
using System.Runtime.InteropServices.Marshalling;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A place for tensors, such as "cpu" or "cuda:1"; index -1 is the current one of its type.</summary>
    [NativeMarshalling(typeof(DeviceMarshaller))]
    public class Device
    {
        /// <exception cref="ArgumentException">The description is not "type" or "type:index".</exception>
        public Device(string description)
        {
            var (name, index) = description.Split(':') switch
            {
                [var n] => (n, "-1"),
                [var n, var i] => (n, i),
                _ => ("", ""),
            };
            if (!Enum.TryParse<DeviceType>(name, ignoreCase: true, out var parsed)
                || !int.TryParse(index, NumberStyles.AllowLeadingSign, null, out var number))
                throw new ArgumentException($"'{description}' is no device. Expected 'cpu', 'cuda' or 'cuda:<index>'.");
            (type, this.index) = (parsed, number);
        }

        public Device(string deviceType, int index = -1) : this(deviceType) => this.index = index;

        public Device(DeviceType deviceType, int index = -1) => (type, this.index) = (deviceType, index);

        public Device(int index) : this(DeviceType.CUDA, index)
        {
        }

        public DeviceType type { get; } = DeviceType.CPU;

        public int index { get; } = -1;

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index < 0 ? name : $"{name}:{index}";
        }
    }

    public static readonly Device CPU = new(DeviceType.CPU);

    public static readonly Device META = new(DeviceType.META);

    public static Device CUDA => new(DeviceType.CUDA);

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) =>
        InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(DeviceType.CUDA, index);

    /// <summary>The device itself, or the CPU where none is given. libtorch sets a device up on first use.</summary>
    public static Device InitializeDevice(Device? device) => device ?? CPU;

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"libtorch {__version__} offers no {deviceType} device here.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) =>
        deviceType is DeviceType.CPU or DeviceType.META || (deviceType == DeviceType.CUDA && cuda.is_available());

    public static bool cuda_is_available() => cuda.is_available();
}
