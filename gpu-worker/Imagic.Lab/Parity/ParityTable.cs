
namespace Imagic.Lab.Parity;

/// <summary>The comparisons as lines of text, each written as soon as it is known.</summary>
internal sealed class ParityTable(TextWriter writer, int nameWidth)
{
    private const int Width = 8; // of a number

    public void WriteHeader() =>
        writer.WriteLine($"{"quantity".PadRight(nameWidth)}  {"max abs",Width}  {"relative",Width}  {"limit",Width}");

    public void Write(Comparison comparison)
    {
        var limit = comparison.Limit == Limits.Exact ? "exact" : Text(comparison.Limit);
        var numbers = comparison.Problem is null
            ? $"{Text(comparison.MaxAbsError),Width}  {Text(comparison.RelativeError),Width}  {limit,Width}"
            : $"{"-",Width}  {"-",Width}  {"-",Width}";
        var verdict = comparison switch
        {
            { IsOk: true } => "ok",
            { Problem: { } problem } => $"FAILED: {problem}",
            _ => "FAILED",
        };
        writer.WriteLine($"{comparison.Name.PadRight(nameWidth)}  {numbers}  {verdict}");
    }

    public void WriteSummary(int ok, int failed) => writer.WriteLine($"parity: {ok} ok, {failed} failed");

    private static string Text(double number) => number == 0 ? "0" : number.ToString("0.0e-00");
}

/// <summary>The same as JSON.</summary>
internal sealed record ParityReport(
    string Folder, string Device, int Ok, int Failed, IReadOnlyList<Comparison> Comparisons);
