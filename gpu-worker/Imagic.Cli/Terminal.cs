using Spectre.Console;

namespace Imagic.Cli;

/// <summary>
/// How commands write a line. What they tell comes from storage, from a server and from files, and may hold anything;
/// <see cref="Printable"/> is applied here, so that no command can forget it.
/// </summary>
internal static class Terminal
{
    /// <summary>Writes a line as it is, however wide the terminal.</summary>
    public static void WriteLine(string text) => Console.WriteLine(Printable.Of(text));

    /// <summary>Writes a line for errors.</summary>
    public static void WriteError(string text) => Console.Error.WriteLine(Printable.Of(text));

    /// <summary>Writes a picture as the escape sequences that a terminal shows; nothing of others may be in them as it is.</summary>
    public static void WritePicture(string sequences) => Console.WriteLine(sequences);

    /// <summary>Writes a line. In this namespace it comes before Spectre's method of the same name.</summary>
    public static void WriteLine(this IAnsiConsole console, string text) => AnsiConsoleExtensions.WriteLine(console, Printable.Of(text));
}
