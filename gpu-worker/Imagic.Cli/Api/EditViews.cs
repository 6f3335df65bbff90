using Imagic.Contracts.Edits;

namespace Imagic.Cli.Api;

/// <summary>Questions to what the API tells of an edit.</summary>
internal static class EditViews
{
    /// <summary>Whether nothing changes any more.</summary>
    public static bool HasEnded(this EditView view) => view.State is EditState.Succeeded or EditState.Failed or EditState.Cancelled;

    /// <summary>Reads an id from the command line.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static EditId ToEditId(this string text) =>
        EditId.TryParse(text, out var id) ? id : throw new BadInputException($"'{text}' is no edit id: {EditId.Rule}.");
}
