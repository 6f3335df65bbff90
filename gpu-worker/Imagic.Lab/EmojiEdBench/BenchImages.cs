using Imagic.Imaging;
using Imagic.Lab.DataSet;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>The drawings of a data set that edits name, on white.</summary>
public sealed class BenchImages
{
    private readonly DataSetReader _data;
    private readonly Dictionary<StyledConcept, int> _indices;

    public BenchImages(DataSetReader data)
    {
        ArgumentNullException.ThrowIfNull(data);
        _data = data;
        _indices = data.Items.Index().Where(entry => entry.Item.Concept == entry.Item.BaseConcept)
            .ToDictionary(entry => new StyledConcept(entry.Item.Style, entry.Item.Concept), entry => entry.Index);
    }

    /// <summary>Width and height, pixels.</summary>
    public int Side => _data.Side;

    /// <summary>Looks for all that the edits need.</summary>
    /// <exception cref="DataSetException">A drawing is missing, or a source is one that models were trained on.</exception>
    public void Check(IEnumerable<BenchEdit> edits)
    {
        ArgumentNullException.ThrowIfNull(edits);
        foreach (var edit in edits)
        {
            foreach (var drawing in (StyledConcept[])[edit.Source, edit.Target])
            {
                if (!_indices.ContainsKey(drawing))
                    throw new DataSetException($"The edit {edit.Id} needs '{drawing.Concept}' of the style {drawing.Style}, which the data set does not hold. Make one of all styles with: imagic lab dataset");
            }
            if (_data.Items[_indices[edit.Source]].Split != DataSetSplit.HeldOut)
                throw new DataSetException($"The edit {edit.Id} starts from '{edit.Source.Concept}' of the style {edit.Source.Style}, which this data set trains on. It is of another version: make it again with: imagic lab dataset");
        }
    }

    /// <summary>The drawing on white, (Side, Side).</summary>
    public RgbImage Image(StyledConcept drawing) => _data.Picture(_indices[drawing], Background.White);
}
