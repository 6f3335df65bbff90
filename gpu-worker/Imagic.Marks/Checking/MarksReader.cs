using System.Globalization;
using Imagic.Contracts.Results;
using Imagic.Imaging;
using Imagic.Marks.Credentials;
using Imagic.Marks.Watermark;
using Imagic.Marks.Xmp;

namespace Imagic.Marks.Checking;

/// <summary>Looks for all marks of a picture.</summary>
public static class MarksReader
{
    /// <summary>Reads those of a file.</summary>
    /// <param name="file">All bytes.</param>
    /// <param name="limits">What the picture may cost.</param>
    /// <exception cref="ImageException">It is no acceptable picture.</exception>
    public static MarksReport Read(ReadOnlyMemory<byte> file, ImageLimits limits)
    {
        var pixels = ImageCodec.Decode(file.Span, limits);
        var findings = new[] { Credentials(CredentialsReader.Read(file)), Xmp(XmpReader.Read(file)), Settings(SettingsChunk.Read(file.Span)), Watermark(WatermarkReader.Read(pixels)) };
        return Of(ImageHeader.Read(file.Span).Format.Name(), pixels.Width, pixels.Height, [.. findings.OfType<MarkFinding>()]);
    }

    private static MarksReport Of(string format, int width, int height, IReadOnlyList<MarkFinding> findings)
    {
        var broken = findings.Any(finding => finding.Certainty == MarkCertainty.Broken);
        var ai = findings.Where(finding => finding is { SaysAi: true, Certainty: not MarkCertainty.Broken }).ToList();
        var summary = (ai, findings) switch
        {
            ([], []) => "Nothing was found. That is no proof of anything: marks can be removed, and most programs write none.",
            ([], _) => "No mark that holds says that AI was used. That is no proof that it was not.",
            (_, _) when ai.Any(finding => finding.Certainty == MarkCertainty.Signed) => "Made or edited with AI, as a signature says.",
            (_, _) when ai.Any(finding => finding.Certainty == MarkCertainty.Measured) => "Made or edited with AI, as the pattern in its pixels says.",
            _ => "Made or edited with AI, as a text in the file says, which anybody can have written.",
        };
        return new(format, width, height, broken ? $"{summary} A signature in the file does not hold: the file was changed since, or is a forgery." : summary, [.. findings]);
    }

    private static MarkFinding? Credentials(CredentialsReport report)
    {
        if (!report.Found) return null;
        var holds = report is { IsSignatureValid: true, IsHashValid: true };
        var actions = string.Join(", ", report.Actions.Select(action => action.Name.StartsWith("c2pa.", StringComparison.Ordinal) ? action.Name["c2pa.".Length..] : action.Name).Distinct());
        var says = $"Content Credentials of {report.ClaimGenerator ?? "a program that is not named"}{(actions.Length > 0 ? $": {actions}" : "")}. "
            + (!holds ? "They do not hold."
                : report.IsSelfMade ? "The signature holds, by a certificate that nobody vouches for."
                : "The signature holds; whether its signer is to be trusted was not looked up.");
        return new(MarkLayer.ContentCredentials, holds ? MarkCertainty.Signed : MarkCertainty.Broken, report.Actions.Any(action => IsAi(action.DigitalSourceType)), says)
        {
            Program = report.ClaimGenerator,
            Signer = report.Signer,
            Time = report.Time,
            Problems = report.Problems,
        };
    }

    private static MarkFinding? Xmp(XmpRecord? record)
    {
        if (record is null) return null;
        var type = record.DigitalSourceType is { } address ? address[(address.LastIndexOf('/') + 1)..] : null;
        // IPTC's words for those that people ask about.
        var says = type switch
        {
            null => "nothing of how the picture came to be",
            "trainedAlgorithmicMedia" => $"that AI made the picture ({type})",
            "compositeWithTrainedAlgorithmicMedia" => $"that AI made a part of the picture ({type})",
            "digitalCapture" => $"that a camera took the picture ({type})",
            _ => $"'{type}'",
        };
        return new(MarkLayer.Xmp, MarkCertainty.Claimed, IsAi(record.DigitalSourceType), $"The file's XMP says {says}, by {record.CreatorTool ?? "a program that is not named"}.")
        {
            Program = record.CreatorTool,
        };
    }

    private static MarkFinding? Settings(PictureSettings? settings) => settings is null ? null
        : new(MarkLayer.Settings, MarkCertainty.Claimed, true, $"The settings of an edit with the model {Printable.Of(settings.Model)} stand in the file.") { Program = "Imagic" };

    private static MarkFinding? Watermark(WatermarkReading? reading)
    {
        if (reading is null) return null;
        var what = reading.Payload is { } payload ? $"The watermark of this program, of the edit whose id's hash begins with {payload.EditText}" : "The watermark of this program, too faint or small to tell of which edit";
        return new(MarkLayer.Watermark, MarkCertainty.Measured, true, string.Create(CultureInfo.InvariantCulture, $"{what}. By chance, fewer than one in {Math.Min(1 / reading.Chance, 1e9):N0} unmarked pictures looks so."))
        {
            Program = "Imagic",
            Edit = reading.Payload?.EditText,
            Chance = reading.Chance,
        };
    }

    // IPTC: trainedAlgorithmicMedia, compositeWithTrainedAlgorithmicMedia, compositeSynthetic, algorithmicallyEnhanced is none.
    private static bool IsAi(string? digitalSourceType) =>
        digitalSourceType?.Contains("trainedAlgorithmicMedia", StringComparison.OrdinalIgnoreCase) == true;
}
