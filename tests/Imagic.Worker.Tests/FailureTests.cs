using Azure;
using Azure.Identity;
using Imagic.Contracts;
using Imagic.Diffusion;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Imagic.TestKit;
using Imagic.Worker.Models.Hub;
using static TorchSharp.torch;

namespace Imagic.Worker.Tests;

public class FailureTests
{
    public static TheoryData<Exception, FailureKind> Failures => new()
    {
        { new BadInputException("no such picture"), FailureKind.Edit },
        { new EditException("diverged"), FailureKind.Edit },
        { new ModelPackageException("unet/config.json", "is no JSON"), FailureKind.Edit },
        { new ModelPackageException("unet/config.json", "cannot be read", new FileNotFoundException()), FailureKind.Edit },
        { new ModelPackageException("unet/config.json", "cannot be read", new IOException("Input/output error")), FailureKind.Machine },
        { new ModelPackageException("unet/config.json", "cannot be read", new UnauthorizedAccessException()), FailureKind.Machine },
        { new InsufficientMemoryException(), FailureKind.Machine },
        { new UnauthorizedAccessException(), FailureKind.Machine },
        { new DllNotFoundException(), FailureKind.Machine },
        { new TypeInitializationException("x", new DllNotFoundException()), FailureKind.Machine },
        { new DeviceFaultException("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.77 GiB"), FailureKind.Machine },
        { new DeviceFaultException("CUDA error: no kernel image is available for execution on the device"), FailureKind.Machine },
        { new DeviceFaultException("CUDA error: unspecified launch failure"), FailureKind.Machine },
        { new DeviceFaultException("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), FailureKind.Machine },
        { new DeviceFaultException("std::bad_alloc"), FailureKind.Machine },
        { new DeviceFaultException("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0"), FailureKind.Unforeseen },
        { new DeviceFaultException("Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"), FailureKind.Unforeseen },
        { new InvalidOperationException(), FailureKind.Unforeseen },
        { new RequestFailedException(503, "busy"), FailureKind.Storage },
        { new HttpRequestException("Connection refused"), FailureKind.Storage },
        { new IOException("The response ended prematurely."), FailureKind.Storage },
        { new AggregateException(new RequestFailedException(503, "busy"), new IOException("reset")), FailureKind.Storage },
        { new AuthenticationFailedException("no identity"), FailureKind.Storage },
        { new HubException(HubException.Unreachable, FaultKind.Failed, "offline"), FailureKind.Storage },
        { new HubException(HubException.Busy, FaultKind.Failed, "429"), FailureKind.Storage },
        { new HubException(HubException.Refused, FaultKind.BadInput, "gated"), FailureKind.Edit },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Of_Failure_SaysWhoseItIs(Exception exception, FailureKind expected) => Assert.Equal(expected, Failure.Of(exception));

    [Fact]
    public void Of_AnAllocationThatLibtorchCannotMake_IsTheMachine()
    {
        TorchLibrary.Load();
        var exception = Assert.ThrowsAny<Exception>(() => empty(1L << 50));

        Assert.Equal(FailureKind.Machine, Failure.Of(exception));
        Assert.Equal("out-of-memory", Failure.OfMachine(exception).Code);
    }

    [Fact]
    public void Do_OnAFullDisk_IsTheMachineAndNamesTheFolder()
    {
        var exception = Assert.Throws<MachineException>(() => new LocalDisk().Do("/dev/full", () => File.WriteAllBytes("/dev/full", [0])));

        Assert.Contains("the folder /dev:", exception.Message, StringComparison.Ordinal);
        Assert.Contains("No space left", exception.Message, StringComparison.Ordinal);
    }
}
