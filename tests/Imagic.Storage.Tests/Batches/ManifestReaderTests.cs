using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Storage.Batches;

namespace Imagic.Storage.Tests.Batches;

public class ManifestReaderTests
{
    // Texts with everything that matters to the two formats. Lone surrogates are no text.
    private static readonly Arbitrary<string[]> Texts = Gen
        .Elements('a', 'ß', '"', ',', ';', '\n', '\r', '\t', ' ', '\\', '{', '\'', '=', '\uFEFF', '\u2028', '猫')
        .ArrayOf().Select(letters => $"x{new string(letters)}x").NonEmptyListOf().Select(texts => texts.ToArray()).ToArbitrary();

    private static readonly Arbitrary<string> LineEnds = Gen.Elements("\n", "\r\n").ToArbitrary();

    [Fact]
    public void Csv_OfAnyTexts_ReadsBackWithTheLinesOfTheFile() =>
        Prop.ForAll(Texts, LineEnds, ArbMap.Default.ArbFor<bool>(), (texts, end, hasMark) =>
        {
            var file = new StringBuilder(hasMark ? "\uFEFF" : "").Append("source,targetText").Append(end);
            var expected = new List<(int, string)>();
            foreach (var text in texts)
            {
                if (text.Length % 3 == 0) file.Append(end); // an empty line
                expected.Add((CountLines(file), text));
                file.Append("cat.png,\"").Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"').Append(end);
            }

            var lines = Read(file.ToString(), isCsv: true);
            return lines.Select(line => (line.Number, line.Request?.TargetText ?? "")).SequenceEqual(expected)
                && SourcesOf(file.ToString(), lines).All(source => source == "cat.png");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void JsonLines_OfAnyTexts_ReadBackWithTheLinesOfTheFile() =>
        Prop.ForAll(Texts, LineEnds, ArbMap.Default.ArbFor<bool>(), (texts, end, hasMark) =>
        {
            var file = new StringBuilder(hasMark ? "\uFEFF" : "");
            var expected = new List<(int, string)>();
            foreach (var text in texts)
            {
                if (text.Length % 3 == 0) file.Append(' ').Append(end);
                expected.Add((CountLines(file), text));
                file.Append(JsonSerializer.Serialize(new EditRequest { TargetText = text }, ContractsJsonContext.Default.EditRequest)).Append(end);
            }

            return Read(file.ToString(), isCsv: false).Select(line => (line.Number, line.Request?.TargetText ?? "")).SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_OfAnyBytes_GivesLinesInOrderEachWithARequestOrAReason() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<bool>(), (bytes, isCsv) =>
        {
            byte[] file = [.. Encoding.UTF8.GetBytes(isCsv ? "source,targetText\n" : ""), .. bytes];
            var lines = ManifestReader.Read(file, isCsv);
            return lines.Length > 0
                && lines.All(line => line.Request is null != line.Rejected is null)
                && lines.Zip(lines.Skip(1)).All(pair => pair.First.Number < pair.Second.Number);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Csv_WithEveryColumnInAnyOrder_FillsTheRequest()
    {
        var line = Assert.Single(Read("Settings, MODEL ,targetText,source\n\"{\"\"steps\"\":9,\"\"etas\"\":[0.5]}\",emoji-64,a cat,in/cat.png\n", isCsv: true));

        Assert.Equal((2, "in/cat.png", "a cat", "emoji-64", 9), (line.Number, line.Request!.Source, line.Request.TargetText, line.Request.Model, line.Request.Settings!.Steps));
    }

    [Fact]
    public void Csv_WithEmptyFields_LeavesThemOut()
    {
        var line = Assert.Single(Read("source,targetText,model,settings\ncat.png,a cat,,\n", isCsv: true));

        Assert.Equal(new EditRequest { Source = "cat.png", TargetText = "a cat" }, line.Request);
    }

    // What a spreadsheet leaves of columns and rows that were emptied, and of cells that people typed.
    [Theory]
    [InlineData("source,targetText,,\r\na+b.png,a cat,,\r\n,,,\r\n")]
    [InlineData("source;targetText;\r\na+b.png;a cat;\r\n;;\r\n")]
    [InlineData("source\ttargetText\t\r\na+b.png\ta cat\t\r\n\t\t\r\n")]
    [InlineData(" source , targetText \n a+b.png ,  a cat\t\n , \n")]
    [InlineData("source,,targetText\na+b.png,,a cat\n")]
    public void Csv_FromASpreadsheet_IsItsFilledCells(string file)
    {
        foreach (var content in (byte[][])[Encoding.UTF8.GetBytes(file), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(file)],
                     [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(file)]])
        {
            var line = Assert.Single(ManifestReader.Read(content, isCsv: true));
            Assert.Equal(("a+b.png", "a cat", null), (line.Request?.Source, line.Request?.TargetText, line.Rejected));
        }
    }

    [Fact]
    public void Csv_WithAWordInAColumnWithoutAName_RejectsTheRow()
    {
        var lines = Read("source,targetText,\ncat.png,a cat,asleep\ncat.png,\"a cat, asleep\",\n", isCsv: true);

        Assert.Equal(["invalid-csv", null], lines.Select(line => line.Rejected?.Code));
        Assert.Contains("Field 3", lines[0].Rejected!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_WithSemicolons_IsReadAsSpreadsheetsWriteIt()
    {
        var line = Assert.Single(Read("source;targetText\r\ncat.png;a cat, asleep\r\n", isCsv: true));

        Assert.Equal("a cat, asleep", line.Request?.TargetText);
    }

    [Theory]
    [InlineData("source\n", "targetText")]
    [InlineData("targetText\ncat", "source")]
    [InlineData("source,targetText,seed\n", "'seed'")]
    [InlineData("source,targetText,source\n", "twice")]
    [InlineData("cat.png,a smiling cat\n", "'cat.png'")]
    [InlineData("source;target text\n", "'target text'")]
    public void Csv_WithAWrongHeader_IsRejectedAsAWhole(string file, string named)
    {
        var line = Assert.Single(Read(file, isCsv: true));

        Assert.Equal((1, "invalid-header"), (line.Number, line.Rejected?.Code));
        Assert.Contains(named, line.Rejected!.Message, StringComparison.Ordinal);
        Assert.Contains("source,targetText", line.Rejected.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cat.png,a cat, asleep", "Field 3")]
    [InlineData("cat.png,a 5\" cat", "inside a field")]
    [InlineData("cat.png,\"a\" cat", "follows a closing")]
    public void Csv_WithABadRow_RejectsThatRowOnly(string row, string named)
    {
        var lines = Read($"source,targetText\ncat.png,\"two\nlines\"\n{row}\ncat.png,good\n", isCsv: true);

        Assert.Equal([2, 4, 5], lines.Select(line => line.Number));
        Assert.Equal("invalid-csv", lines[1].Rejected?.Code);
        Assert.Contains(named, lines[1].Rejected!.Message, StringComparison.Ordinal);
        Assert.Equal(("two\nlines", "good"), (lines[0].Request?.TargetText, lines[2].Request?.TargetText));
    }

    [Fact]
    public void Csv_WithAQuoteThatIsNeverClosed_SaysWhereItBegins()
    {
        var lines = Read("source,targetText\ncat.png,good\ncat.png,\"never closed\ncat.png,lost\n", isCsv: true);

        Assert.Equal([2, 3], lines.Select(line => line.Number));
        Assert.Contains("never closed", lines[1].Rejected?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_WithBadSettings_NamesTheMember()
    {
        var line = Assert.Single(Read("source,targetText,settings\ncat.png,a cat,\"{\"\"step\"\":1}\"\n", isCsv: true));

        Assert.Equal("unknown-member", line.Rejected?.Code);
        Assert.Contains("'step'", line.Rejected!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonLines_WithBadLines_RejectsThoseOnly()
    {
        var lines = Read("{\"targetText\":\"a\"}\n\n[1]\nnull\n{} {}\n{\"targetText\":\"b\"}", isCsv: false);

        Assert.Equal([1, 3, 4, 5, 6], lines.Select(line => line.Number));
        Assert.Equal([null, "invalid-json", "invalid-json", "invalid-json", null], lines.Select(line => line.Rejected?.Code));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_OfTheMostLines_TakesThemAndOfOneMoreNone(bool isCsv)
    {
        var line = isCsv ? "cat.png,a cat\n" : "{}\n";
        string File(int count) => (isCsv ? "source,targetText\n" : "") + string.Concat(Enumerable.Repeat(line, count));

        Assert.Equal(ManifestReader.MaxEdits, Read(File(ManifestReader.MaxEdits), isCsv).Count);
        Assert.Equal("manifest-too-long", Assert.Single(Read(File(ManifestReader.MaxEdits + 1), isCsv)).Rejected?.Code);
    }

    [Theory]
    [InlineData("\uFEFF{\"source\":\"cat.png\"}\n\n{\"source\":\"ä \\\"b\\\".png\", \"x\":1}\n{\"source\":7}\nno json", false, "\"cat.png\"|\"ä \\\"b\\\".png\"")]
    [InlineData("{\"settings\":{\"source\":\"no\"},\"source\" : \"cat.png\"}", false, "\"cat.png\"")]
    [InlineData("{\"source\":\"cat.png\"} rest\n{\"source\":\"\\ud800\"}", false, "")]
    [InlineData("\uFEFFtargetText,source\r\nä,cat.png\r\n\"two\nlines\",\"dog, \"\"old\"\".png\"\n\nb,\nc,a,b\n", true, "cat.png|\"dog, \"\"old\"\".png\"|a")]
    [InlineData("source,targetText\ncat.png,\"never closed\ncat.png,x", true, "cat.png")]
    [InlineData("no,header\ncat.png,a\n", true, "")]
    public void Read_OfNamedPictures_TellsWhereTheyAreNamed(string file, bool isCsv, string expected) =>
        Assert.Equal(expected, string.Join('|', SourcesOf(file, Read(file, isCsv))));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_OfALargeFile_TellsWhereEachPictureIsNamed(bool isCsv)
    {
        var names = Enumerable.Range(1, ManifestReader.MaxEdits).Select(i => $"猫/{i}.png").ToList();
        var text = new string('ß', 1000);
        var file = "\uFEFF" + (isCsv ? "targetText,source\n" : "")
            + string.Concat(names.Select(name => isCsv ? $"\"{text},\n\",\"{name}\"\r\n" : $"{{\"targetText\":\"{text}\",\"source\":\"{name}\"}}\n"));

        Assert.Equal(names.Select(name => $"\"{name}\""), SourcesOf(file, Read(file, isCsv)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_OfAFileThatIsNoText_RefusesItAsAWhole(bool isCsv)
    {
        var line = Assert.Single(ManifestReader.Read((byte[])[.. "source,targetText\n"u8, 0xFF, 0xFE], isCsv));

        Assert.Equal((0, "manifest-undecodable"), (line.Number, line.Rejected?.Code));
    }

    private static IReadOnlyList<ManifestLine> Read(string file, bool isCsv) => ManifestReader.Read(Encoding.UTF8.GetBytes(file), isCsv);

    private static IEnumerable<string> SourcesOf(string file, IEnumerable<ManifestLine> lines)
    {
        var bytes = Encoding.UTF8.GetBytes(file);
        return lines.Select(line => line.Source).OfType<NamedSource>().Select(source => Encoding.UTF8.GetString(bytes, source.Start, source.Length));
    }

    // As editors count them: CR LF is one end of a line, and so is each of the two alone.
    private static int CountLines(StringBuilder file)
    {
        var text = file.ToString().Replace("\r\n", "\n", StringComparison.Ordinal);
        return 1 + text.Count(c => c is '\n' or '\r');
    }
}
