using System.CommandLine;
using System.Globalization;
using Imagic.Contracts.Edits;
using Imagic.Imaging;
using Imagic.Lab.DataSet;
using Imagic.Marks;
using Imagic.Marks.Credentials;
using Imagic.Marks.Watermark;
using Imagic.TestKit.Watermark;

namespace Imagic.Lab.Marks;

/// <summary><c>imagic lab marks</c>: what the watermark survives, what it costs, and how often it is seen where there is none.</summary>
internal static class MarksCommand
{
    private static readonly int[] Sides = [64, 128, 256, 512, 1024];

    public static Command Create()
    {
        var dataSet = new Option<string>("--dataset") { Description = "Folder that 'imagic lab dataset' made", DefaultValueFactory = _ => "dataset" };
        var photos = new Option<string?>("--photos") { Description = "Folder of photographs; without it, pictures made on the spot stand for them" };
        var count = new Option<int>("--pictures") { Description = "Pictures of each kind and size that are marked", DefaultValueFactory = _ => 20 };
        var unmarked = new Option<int>("--unmarked") { Description = "Pictures without a mark that are looked at", DefaultValueFactory = _ => 12_000 };
        var command = new Command("marks", "Measures the watermark: a table in Markdown") { dataSet, photos, count, unmarked };
        command.SetAction((parsed, cancellationToken) =>
        {
            var pictures = new MarkedPictures(DataSetReader.Open(parsed.GetRequiredValue(dataSet)), parsed.GetValue(photos));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pictures.Describe()}\n"));
            Robustness(pictures, parsed.GetValue(count), cancellationToken);
            FalsePositives(pictures, parsed.GetValue(unmarked), cancellationToken);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void Robustness(MarkedPictures pictures, int count, CancellationToken cancellationToken)
    {
        Console.WriteLine("| side | pictures | PSNR, least and mean | watermark, time of a core | XMP and credentials of the PNG | PNG grows |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var marks = new PictureMarks(SelfMadeSigner.Create(TimeProvider.System), TimeProvider.System);
        var rows = new List<string>();
        foreach (var side in Sides)
        {
            var set = pictures.OfSide(side, count).ToList();
            var writers = set.Select((_, i) => new WatermarkWriter(EditOf(i))).ToList();
            var (marked, marking) = Timed(set, (picture, i) => writers[i].Mark(picture), cancellationToken);
            var decibels = set.Zip(marked, ResultCheckDecibels).ToList();
            byte[][] files = [.. marked.Select(picture => ImageCodec.Encode(picture, ImageFormat.Png))];
            var growth = set.Zip(files, (before, after) => (double)after.Length / ImageCodec.Encode(before, ImageFormat.Png).Length - 1).Average();
            var source = CredentialsSource.Of("photo.jpg", ImageCodec.Encode(set[0], ImageFormat.Jpeg));
            var (_, signing) = Timed(files, (file, _) => marks.Edited(file, source, "picture.png", "emoji-64", "00ff"), cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {side} | {set.Count} | {decibels.Min():F1}, {decibels.Average():F1} dB | {marking:F1} ms | {signing:F1} ms | {growth * 100:F0} % |"));
            foreach (var (name, attack) in Attack.All) rows.Add(Row(side, name, attack, marked, cancellationToken));
        }

        Console.WriteLine("\n| side | after | found | with its edit | bits right before correction |\n|---|---|---|---|---|");
        foreach (var row in rows) Console.WriteLine(row);
    }

    // The median; the first is done once before it counts.
    private static (List<TResult> Results, double Milliseconds) Timed<T, TResult>(IReadOnlyList<T> items, Func<T, int, TResult> work, CancellationToken cancellationToken)
    {
        work(items[0], 0);
        var times = new List<double>();
        var results = items.Select((item, i) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var started = Environment.CpuUsage.TotalTime;
            var result = work(item, i);
            times.Add((Environment.CpuUsage.TotalTime - started).TotalMilliseconds);
            return result;
        }).ToList();
        return (results, times.Order().ElementAt(times.Count / 2));
    }

    private static string Row(int side, string name, Func<RgbImage, RgbImage> attack, IReadOnlyList<RgbImage> marked, CancellationToken cancellationToken)
    {
        var (found, whole) = (0, 0);
        var right = new List<double>();
        for (var i = 0; i < marked.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reading = WatermarkReader.Read(attack(marked[i]));
            if (reading is not null) found++;
            if (reading?.Payload != Payload.Of(EditOf(i))) continue;
            whole++;
            right.Add(reading.BitsRight);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {side} | {name} | {100.0 * found / marked.Count:F1} % | {100.0 * whole / marked.Count:F1} % | {(right.Count == 0 ? "" : $"{right.Average() * 100:F1} %")} |");
    }

    private static void FalsePositives(MarkedPictures pictures, int count, CancellationToken cancellationToken)
    {
        Console.WriteLine("\n| unmarked | pictures | taken for marked | highest score |\n|---|---|---|---|");
        var (all, wrong) = (0, 0);
        foreach (var (kind, set) in pictures.Unmarked(count))
        {
            var (seen, taken, highest) = (0, 0, 0.0);
            foreach (var picture in set)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (reading, score) = WatermarkReader.ReadWithScore(picture);
                seen++;
                if (reading is not null) taken++;
                highest = Math.Max(highest, score);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {seen:N0} | {taken} | {highest:F1} |"));
            (all, wrong) = (all + seen, wrong + taken);
        }

        // The rule of three: no case among n says so much with 95 % confidence.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| all | {all:N0} | {wrong}{(wrong == 0 ? $"; below {3.0 / all:E1} at 95 % confidence" : "")} | |"));
    }

    private static EditId EditOf(int index) => EditId.Derive("marks", index.ToString(CultureInfo.InvariantCulture));

    private static double ResultCheckDecibels(RgbImage before, RgbImage after) => ResultCheck.Decibels(before.Pixels, after.Pixels);
}
