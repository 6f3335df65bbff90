using Imagic.Editing.Stages;
using static TorchSharp.torch;

namespace Imagic.TestKit;

/// <summary>A step that never ends: from a step boundary on the computing thread is in libtorch and looks at no token.</summary>
public sealed class StayAt(StopPoint point) : IProgress<StageEvent>
{
    /// <summary>Asks for it on the command line of this program.</summary>
    public const string Argument = "stay";

    /// <inheritdoc/>
    public void Report(StageEvent value)
    {
        if (value is not StageEvent.Advanced advanced || new StopPoint(advanced.Stage, advanced.Step) != point) return;
        Console.WriteLine("the step that never ends has begun");
        using var matrix = eye(1500);
        while (true) matrix.mm(matrix).Dispose();
    }
}
