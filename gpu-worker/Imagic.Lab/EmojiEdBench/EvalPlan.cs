using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Imagic.Contracts.Settings;
using Imagic.Editing;
using Imagic.Editing.Sample;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>Which pictures are made of which edits.</summary>
public sealed class EvalPlan
{
    /// <param name="edits">What is edited.</param>
    /// <param name="settings">For all edits but the target text; one seed.</param>
    /// <param name="strengths">SDEdit's, in 0 … 1.</param>
    /// <param name="search">Finds a strength for each edit, beside those that are listed; null leaves that out.</param>
    /// <exception cref="ArgumentException">More than one seed.</exception>
    public EvalPlan(IReadOnlyList<BenchEdit> edits, EditSettings settings, IReadOnlyList<double> strengths, StrengthSearch? search = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Sample.Seeds.Length != 1) throw new ArgumentException("The seed is the same for all edits and methods: one.");
        (Edits, Settings, Strengths, Search) = (edits, settings, strengths, search);
        Renderings =
        [
            .. SamplePlan.Batches(settings).SelectMany(batch => batch).Select(key => new Rendering.Imagic(key.Strength.Eta, key.Strength.Blend)),
            .. search is null ? [] : Enumerable.Range(0, 1 + StrengthSearch.Kept).Select(cell => new Rendering.Found(cell)),
            .. strengths.Select(strength => new Rendering.SdEdit(strength)),
            new Rendering.Ddib(),
            new Rendering.TextToImage(),
        ];
    }

    public IReadOnlyList<BenchEdit> Edits { get; }

    /// <summary>For all edits but the target text.</summary>
    public EditSettings Settings { get; }

    public IReadOnlyList<double> Strengths { get; }

    public StrengthSearch? Search { get; }

    /// <summary>The pictures of every edit, in the order of its result.</summary>
    public IReadOnlyList<Rendering> Renderings { get; }

    /// <summary>Whether there is more than one η to compare, besides the source.</summary>
    public bool IsSweep => Settings.EtasWithSource().Length > 2;

    /// <summary>The one that is reported.</summary>
    public Rendering.Imagic Reported => new(Settings.Suggested.Eta, Settings.Suggested.Blend);

    public EditSettings For(BenchEdit edit) => Settings with { TargetText = edit.Text };

    /// <summary>The same with a search in place of listed strengths, at the weight blend that is reported.</summary>
    public EditSettings ForSearch(BenchEdit edit) =>
        For(edit) with { Sample = Settings.Sample with { Search = Search, Blends = [Settings.Suggested.Blend] } };

    /// <summary>The same by another method, at one weight blend: that of no tuning.</summary>
    /// <param name="etas">Its strengths.</param>
    public EditSettings ForMethod(BenchEdit edit, EditMethod method, IEnumerable<double> etas)
    {
        var settings = For(edit).With(method);
        ImmutableArray<double> strengths = [.. etas];
        return settings with { Sample = settings.Sample with { Etas = strengths }, Suggested = settings.Suggested with { Eta = strengths[^1] } };
    }

    /// <summary>Hash of all that the pictures of an edit depend on.</summary>
    /// <param name="model">Content hash of the model package.</param>
    /// <param name="precision">What the UNet computes in.</param>
    public string Fingerprint(BenchEdit edit, RgbImage source, string model, string precision)
    {
        var sample = Editing.Fingerprint.Of(For(edit), model, source, precision)[EditStage.Sample];
        var strengths = string.Join(',', Strengths.Select(strength => strength.ToString(CultureInfo.InvariantCulture)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{sample} sdedit {strengths} ddib {Search}")));
    }
}

/// <summary>The part of the edits that one process takes: every <paramref name="Count"/>-th.</summary>
/// <param name="Index">1 … Count.</param>
public readonly record struct Shard(int Index, int Count)
{
    public static Shard Whole { get; } = new(1, 1);

    /// <param name="edit">Number of an edit, 0-based.</param>
    public bool Has(int edit) => edit % Count == Index - 1;

    /// <summary>Reads <c>INDEX/COUNT</c>, e.g. <c>2/4</c>.</summary>
    public static bool TryParse(string text, out Shard shard)
    {
        shard = Whole;
        if (text?.Split('/') is not [var first, var second] || !int.TryParse(first, out var index) || !int.TryParse(second, out var count))
            return false;
        shard = new(index, count);
        return index >= 1 && index <= count;
    }
}
