using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Imagic.Marks.Credentials;
using Imagic.Marks.Xmp;

namespace Imagic.Marks;

/// <summary>The marks of a picture's file: Content Credentials, and XMP for where those are stripped. The pixels stay as they are.</summary>
public sealed class PictureMarks(CredentialsSigner signer, TimeProvider time)
{
    /// <summary>The program and its version.</summary>
    internal static readonly string Version =
        typeof(PictureMarks).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Signs by the key of a vault or, where there is none, by one that this program makes.</summary>
    /// <param name="vault">The key, and its certificates.</param>
    /// <param name="file">Where the one that is made is kept; null keeps it for this process.</param>
    /// <param name="time">Gives the date.</param>
    /// <exception cref="BadInputException">It cannot be used.</exception>
    public static PictureMarks Open((ECDsa Key, IReadOnlyList<X509Certificate2> Chain)? vault, string? file, TimeProvider time) =>
        new(vault is var (key, chain) ? new(key, chain) : SelfMadeSigner.Open(file, time), time);

    /// <summary>Whom the certificate names.</summary>
    public string Signer => signer.Subject;

    /// <summary>Marks a picture that a model has made of another.</summary>
    /// <param name="file">A PNG, JPEG or WebP.</param>
    /// <param name="source">What it was made of; null where that is many pictures.</param>
    /// <param name="title">Name of the file.</param>
    /// <param name="model">The model, where it was one.</param>
    /// <param name="settings">SHA-256 of the settings, where there are some.</param>
    public byte[] Edited(ReadOnlyMemory<byte> file, CredentialsSource? source, string title, string? model = null, string? settings = null)
    {
        const string Type = Provenance.CompositeWithTrainedAlgorithmicMedia;
        var description = model is null ? null : settings is null ? $"model {model}" : $"model {model}, settings {settings}";
        var described = XmpWriter.Write(file, new(Type, $"Imagic {Version}", model, settings));
        return CredentialsWriter.Write(described, new(source, Provenance.Edited, Type, title, description), signer, time);
    }

    /// <summary>Marks a picture that shows the same as its source at another size.</summary>
    /// <inheritdoc cref="Edited"/>
    public byte[] Resized(ReadOnlyMemory<byte> file, CredentialsSource source, string title) =>
        CredentialsWriter.Write(file, new(source, Provenance.Resized, null, title), signer, time);

    /// <summary>Marks a picture that was saved in another format: it keeps what the first says of itself.</summary>
    /// <param name="file">A PNG, JPEG or WebP.</param>
    /// <param name="from">The file that it was made of.</param>
    /// <param name="title">Name of the file.</param>
    public byte[] Transcoded(ReadOnlyMemory<byte> file, ReadOnlyMemory<byte> from, string title)
    {
        var xmp = XmpReader.Read(from);
        var described = xmp is null ? file : XmpWriter.Write(file, xmp);
        return CredentialsWriter.Write(described, new(CredentialsSource.Of(title, from), Provenance.Transcoded, xmp?.DigitalSourceType, title), signer, time);
    }
}
