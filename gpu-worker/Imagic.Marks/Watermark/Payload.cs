using System.Security.Cryptography;
using System.Text;
using Imagic.Contracts.Edits;

namespace Imagic.Marks.Watermark;

/// <summary>What a watermark says.</summary>
/// <param name="Service">Who made the picture; see <see cref="Imagic"/>.</param>
/// <param name="Edit">The first 24 bits of the SHA-256 of the edit's id.</param>
public readonly record struct Payload(byte Service, int Edit)
{
    /// <summary>This program.</summary>
    public const byte Imagic = 0x49;

    /// <summary>Bits of <see cref="Edit"/>.</summary>
    public const int EditBits = 24;

    /// <summary>Bits of a payload.</summary>
    public const int Bits = 8 + EditBits;

    /// <summary>What the pictures of an edit carry.</summary>
    public static Payload Of(EditId id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id.Value));
        return new(Imagic, hash[0] << 16 | hash[1] << 8 | hash[2]);
    }

    /// <summary><see cref="Edit"/> as people read it: 6 digits, lower-case hex.</summary>
    public string EditText => Edit.ToString("x6", System.Globalization.CultureInfo.InvariantCulture);

    internal uint ToBits() => (uint)Service << EditBits | (uint)Edit;

    internal static Payload FromBits(uint bits) => new((byte)(bits >> EditBits), (int)(bits & ((1u << EditBits) - 1)));
}
