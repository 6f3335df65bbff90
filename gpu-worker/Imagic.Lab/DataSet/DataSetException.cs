namespace Imagic.Lab.DataSet;

/// <summary>The data set cannot be built from what there is; the sentence says why and what to do.</summary>
public sealed class DataSetException(string message, Exception? inner = null)
    : ImagicException("data-set-unusable", FaultKind.Failed, message, inner);
