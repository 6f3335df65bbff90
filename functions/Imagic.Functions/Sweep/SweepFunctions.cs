namespace Imagic.Functions.Sweep;

/// <summary>Sweeps every hour.</summary>
internal sealed partial class SweepFunctions(Sweeper sweeper, ILogger<SweepFunctions> logger)
{
    [Function("Sweep")]
    public async Task RunAsync([TimerTrigger("0 7 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        var report = await sweeper.RunAsync(cancellationToken);
        LogSwept(report.Tickets, report.Entries, report.Orphans, report.Deletions, report.Tunings);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Swept up {Tickets} pictures without an edit and {Orphans} edits without a record; mended {Entries} entries of the index; finished {Deletions} deletions; removed {Tunings} tunings without an edit")]
    private partial void LogSwept(int tickets, int entries, int orphans, int deletions, int tunings);
}
