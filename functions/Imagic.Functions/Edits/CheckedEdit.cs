using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Imaging;

namespace Imagic.Functions.Edits;

/// <summary>A request for which nothing stands in the way: what <see cref="EditStarter.CheckAsync(EditRequest, CancellationToken)"/> gives.</summary>
/// <param name="Model">Name of the model package.</param>
/// <param name="Settings">All numbers.</param>
/// <param name="Size">Working size that was asked for.</param>
/// <param name="Picture">The source picture.</param>
/// <param name="Header">What its header says.</param>
public sealed record CheckedEdit(string Model, EditSettings Settings, WorkingSize? Size, IPicture Picture, ImageHeader Header);
