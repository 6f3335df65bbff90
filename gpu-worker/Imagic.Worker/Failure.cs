using System.Runtime.InteropServices;
using Azure.Identity;
using Imagic.Diffusion.Weights;
using Imagic.Storage;
using Imagic.Worker.Models.Hub;

namespace Imagic.Worker;

/// <summary>Whose failure an exception is, and with that what becomes of the edit.</summary>
public enum FailureKind
{
    /// <summary>Nobody foresaw it: the attempt counts, and a few of them fail the edit.</summary>
    Unforeseen,

    /// <summary>The edit's: its picture, a setting, its model or the computation itself. Another try ends the same way.</summary>
    Edit,

    /// <summary>This machine's: disk, memory, device. The edit goes on elsewhere, the process ends.</summary>
    Machine,

    /// <summary>Storage, or a model hub, refused or did not answer: the message comes back.</summary>
    Storage,
}

/// <summary>The one place that tells failures apart.</summary>
public static class Failure
{
    /// <summary>Exit code of a process that ended for want of disk, memory or a device (EX_TEMPFAIL of sysexits.h).</summary>
    public const int MachineExitCode = 75;

    // What libtorch and the CUDA libraries say when memory or the device is at fault; TorchSharp hands on the text alone.
    private static readonly string[] Memory = ["out of memory", "can't allocate memory", "bad_alloc", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"];
    private static readonly string[] Device = ["CUDA error", "CUDA driver", "CUDNN_STATUS_", "CUBLAS_STATUS_", "NVML_"];

    /// <summary>Whose failure it is.</summary>
    public static FailureKind Of(Exception exception) => exception switch
    {
        ImagicException { Kind: FaultKind.Machine } or OutOfMemoryException or UnauthorizedAccessException or DllNotFoundException => FailureKind.Machine,
        ModelPackageException package => package.IsDiskFailure ? FailureKind.Machine : FailureKind.Edit,
        HubException { IsPassing: true } => FailureKind.Storage,
        ImagicException => FailureKind.Edit,
        AuthenticationFailedException => FailureKind.Storage,
        _ when StorageErrors.IsStorageError(exception) => FailureKind.Storage,
        ExternalException when Says(exception, Memory) || Says(exception, Device) => FailureKind.Machine,
        TypeInitializationException { InnerException: { } inner } => Of(inner),
        _ => FailureKind.Unforeseen,
    };

    /// <summary>A failure of this machine in a sentence that says what to do.</summary>
    public static MachineException OfMachine(Exception exception) => exception switch
    {
        MachineException machine => machine,
        OutOfMemoryException or ExternalException when exception is OutOfMemoryException || Says(exception, Memory) => new(
            "out-of-memory", $"This machine does not have the memory that the edit takes: {FirstLine(exception)} Take a smaller size or batch, or a larger machine.", exception),
        ExternalException => new("device-failed", $"The device of this machine has failed: {FirstLine(exception)}", exception),
        _ => new("machine-failed", $"This machine lacks what it needs: {FirstLine(exception)}", exception),
    };

    // The libraries of Azure add the whole answer to the first line, libtorch a stack trace.
    public static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].Trim();

    private static bool Says(Exception exception, string[] texts) => texts.Any(text => exception.Message.Contains(text, StringComparison.OrdinalIgnoreCase));
}
