namespace Imagic.Cli;

/// <summary>What the process tells its caller; documented in the README.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for was done.</summary>
    public const int Done = 0;

    /// <summary>A check ran and something did not pass (parity, models verify, soak).</summary>
    public const int CheckFailed = 1;

    /// <summary>The command line, the picture, a setting or the model package is not usable; nothing was started.</summary>
    public const int BadInput = 2;

    /// <summary>The machine lacks something that <c>./imagic setup</c> installs.</summary>
    public const int NotSetUp = 3;

    /// <summary>The computation failed on the way.</summary>
    public const int Failed = 4;

    /// <summary>This machine lacks disk, memory or a device; another may do it, or the same one later.</summary>
    public const int MachineFailed = Worker.Failure.MachineExitCode;

    /// <summary>Stopped by Ctrl-C or SIGTERM; a checkpoint is left and the same command goes on from it.</summary>
    public const int Stopped = 130;
}
