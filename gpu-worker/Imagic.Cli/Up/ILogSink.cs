namespace Imagic.Cli.Up;

/// <summary>Takes the lines that the parts of a pipeline say, from any thread.</summary>
internal interface ILogSink
{
    /// <summary>Takes a line.</summary>
    /// <param name="source">Who says it, e.g. <c>worker 1</c>.</param>
    /// <param name="line">What is said.</param>
    void Write(string source, LogLine line);
}
