namespace Imagic.Training.DataSet;

/// <summary>The data set cannot be built from what there is; the sentence says why and what to do.</summary>
public sealed class DataSetException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The npm packages are not installed, or not those that are pinned.</summary>
public sealed class PackagesMissingException(string message) : Exception(message);
