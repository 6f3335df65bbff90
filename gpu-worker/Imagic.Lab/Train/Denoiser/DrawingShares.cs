using Imagic.Lab.DataSet;

namespace Imagic.Lab.Train.Denoiser;

/// <summary>How often each drawing is learned from.</summary>
static class DrawingShares
{
    /// <summary>Share of a drawing that stands alone: the skin tones of a concept, six with the one without, divide it.</summary>
    const int Whole = 12;

    /// <summary>There are hundreds of flags in each style, and nobody edits one into another.</summary>
    const int Flag = 4;

    /// <summary>Indices of drawings, each as often as its share. The skin tones of a concept share what it has, as hands and
    /// people would otherwise be more than half of all.</summary>
    public static long[] Of(IReadOnlyList<DataSetItem> items)
    {
        var tones = items.GroupBy(item => (item.Style, item.BaseConcept)).ToDictionary(group => group.Key, group => group.Count());
        return
        [
            .. items.SelectMany((item, index) => Enumerable.Repeat(
                (long)index, Math.Max(1, (item.Group == "flags" ? Flag : Whole) / tones[(item.Style, item.BaseConcept)]))),
        ];
    }
}
