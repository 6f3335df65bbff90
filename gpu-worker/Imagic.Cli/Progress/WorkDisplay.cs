using Spectre.Console;

namespace Imagic.Cli.Progress;

/// <summary>How far a piece of work is.</summary>
/// <param name="What">What is done at the moment.</param>
/// <param name="Done">Units done.</param>
/// <param name="Of">Units in all.</param>
/// <param name="Line">The same as a line of text.</param>
internal readonly record struct WorkStep(string What, double Done, double Of, string Line);

/// <summary>Shows one long piece of work: a bar on a terminal, a line every few seconds elsewhere.</summary>
internal static class WorkDisplay
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs <paramref name="work"/> with a display that fits the console; it may report from any thread.</summary>
    /// <param name="console">Where to show it.</param>
    /// <param name="time">Times the lines.</param>
    /// <param name="title">Stands before the bar until the first report.</param>
    /// <param name="describe">What is shown of a report.</param>
    /// <param name="work">The work.</param>
    public static Task<TResult> RunAsync<TReport, TResult>(
        IAnsiConsole console, TimeProvider time, string title, Func<TReport, WorkStep> describe, Func<IProgress<TReport>, Task<TResult>> work) =>
        console.Profile.Capabilities is { Interactive: true, Ansi: true }
            ? console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(context => work(new Bar<TReport>(context.AddTask(Markup.Escape(Printable.Of(title))), describe)))
            : work(new Lines<TReport>(console, time, describe));

    private sealed class Bar<TReport>(ProgressTask task, Func<TReport, WorkStep> describe) : IProgress<TReport>
    {
        public void Report(TReport value)
        {
            var step = describe(value);
            var max = Math.Max(1, step.Of);
            // Threads may report out of order; another number of units is another part of the work.
            var done = task.MaxValue == max ? Math.Max(task.Value, step.Done) : step.Done;
            task.MaxValue = max;
            task.Value = done;
            task.Description = Markup.Escape(Printable.Of(step.What));
        }
    }

    private sealed class Lines<TReport>(IAnsiConsole console, TimeProvider time, Func<TReport, WorkStep> describe) : IProgress<TReport>
    {
        private readonly Lock _lock = new();
        private long _last = time.GetTimestamp();

        public void Report(TReport value)
        {
            lock (_lock)
            {
                if (time.GetElapsedTime(_last) < LineInterval) return;
                _last = time.GetTimestamp();
            }

            console.WriteLine(describe(value).Line);
        }
    }
}
