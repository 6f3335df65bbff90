namespace Imagic.LocalHost.TestApp;

/// <summary>Runs every second.</summary>
internal sealed class TimerFunctions(Recorder recorder)
{
    [Function("Tick")]
    public void Tick([TimerTrigger("* * * * * *")] TimerInfo timer)
    {
        recorder.Write("tick", "Tick", $"{timer.IsPastDue}", []);
        throw new InvalidOperationException("It fails each time.");
    }
}
