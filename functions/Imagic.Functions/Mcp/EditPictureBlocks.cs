using System.Runtime.CompilerServices;
using Imagic.Contracts.Edits;
using Imagic.Functions.Edits;
using ModelContextProtocol.Protocol;

namespace Imagic.Functions.Mcp;

/// <summary>The pictures of an edit for an agent: as images while they are few and small, else as links.</summary>
internal sealed class EditPictureBlocks(EditResults results)
{
    private const string Png = "image/png";
    private const int MostBytes = 1024 * 1024;
    private const int MostImages = 4;

    public async IAsyncEnumerable<ContentBlock> OfAsync(EditRecord record, HttpRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var images = 0;
        foreach (var name in await results.PicturesAsync(record, cancellationToken))
        {
            var picture = await results.ReadAsync(record.EditId, name, cancellationToken);
            if (images < MostImages && picture.ToMemory().Length <= MostBytes)
            {
                images++;
                yield return ImageContentBlock.FromBytes(picture.ToMemory(), Png);
            }
            else
            {
                yield return new ResourceLinkBlock { Uri = EditAnswers.AddressOf(request, record.EditId, name), Name = name, MimeType = Png };
            }
        }
    }
}
