using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Imagic.Client;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Policy;
using Imagic.Diffusion.Packages;
using Imagic.Imaging;
using Spectre.Console;

namespace Imagic.Cli.Edit;

/// <summary>An edit for which nothing stands in the way. All that can be wrong is found while this is made.</summary>
/// <param name="File">The picture, as it was named.</param>
/// <param name="Request">What is asked for.</param>
/// <param name="Settings">All numbers.</param>
/// <param name="Package">The model; null when only the server has it.</param>
/// <param name="Source">The picture at the model's size; null when only the server has the model.</param>
internal sealed record EditPlan(string File, EditRequest Request, EditSettings Settings, ModelPackage? Package, SourceImage? Source) : IEditStart
{
    /// <summary>Checks everything that the command line says.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="parsed">Its values.</param>
    /// <param name="isModelElsewhere">Whether a model that is not on this machine is the server's business.</param>
    public static EditPlan Check(EditArguments arguments, ParseResult parsed, bool isModelElsewhere)
    {
        if ((parsed.GetValue(arguments.Picture), parsed.GetValue(arguments.Text)) is not ({ } file, { } text))
            throw new BadInputException($"'edit' takes a picture and a sentence, such as {Checkout.Command} edit dog.jpg \"a photo of a sitting dog\".");
        var model = parsed.GetRequiredValue(arguments.Model);
        var package = isModelElsewhere && ModelFolders.Find(model, null) is null ? null : ModelFolders.OpenVerified(model);
        var name = package?.Name ?? model;
        var overrides = arguments.Overrides(parsed);
        var settings = overrides.Resolve(text, name, package?.Family == ModelFamily.PixelCascade);
        if (UsePolicy.Read(Environment.GetEnvironmentVariable(UsePolicy.Setting)).RuleAgainst(text) is { } rule) throw new RefusedByPolicyException(rule);
        var size = arguments.WorkingSize(parsed);
        // A server may not know what kind of model a folder of this machine holds.
        var request = new EditRequest { TargetText = text, Model = name, Settings = package is null ? overrides : overrides with { Profile = settings.Profile }, Size = size };
        if (package is null)
        {
            if (!System.IO.File.Exists(file)) throw new BadInputException($"There is no picture '{file}'.");
            var bytes = System.IO.File.ReadAllBytes(file);
            ImageLimits.Default.Check(ImageHeader.Read(bytes), bytes.Length);
            return new(file, request, settings, null, null);
        }

        return new(file, request, settings, package, SourceImage.Read(file, package, size));
    }

    public void Describe(IAnsiConsole console)
    {
        if (Package?.CutText(Settings.TargetText) is { Length: > 0 } cut)
            console.WriteLine($"The text is longer than the model reads; the end is cut: \"{cut}\"");
        var size = Source is null ? "" : string.Create(
            CultureInfo.InvariantCulture, $" ({Source.Original.Width}x{Source.Original.Height}, at {Source.Working.Width}x{Source.Working.Height})");
        console.WriteLine($"Editing {Path.GetFileName(File)}{size}: \"{Settings.TargetText}\"");
    }

    public async Task<FetchedEdit> StartAsync(ImagicClient client, int attempt, CancellationToken cancellationToken)
    {
        var picture = await System.IO.File.ReadAllBytesAsync(File, cancellationToken);
        return await client.StartAsync(Request, new MemoryStream(picture), Path.GetFileName(File), Id(picture, attempt), cancellationToken);
    }

    /// <summary>Name of the edit: the same picture with the same request is the same edit, whoever asks and how often.</summary>
    /// <param name="picture">Bytes of the picture.</param>
    /// <param name="attempt">1, or more to try again what has failed or was given up.</param>
    private EditId Id(byte[] picture, int attempt)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(picture));
        var request = EditRequest.Hash(Request.Model!, Settings, Request.Size, sha256);
        return attempt == 1
            ? EditId.Derive("cli", sha256, Request.Model!, request)
            : EditId.Derive("cli", sha256, Request.Model!, request, string.Create(CultureInfo.InvariantCulture, $"{attempt}"));
    }
}

/// <summary>What an edit through the pipeline begins with.</summary>
internal interface IEditStart
{
    /// <summary>Says what is going to be done.</summary>
    void Describe(IAnsiConsole console);

    /// <summary>Starts it, or finds it started.</summary>
    /// <param name="client">The service.</param>
    /// <param name="attempt">1, or more to try again what has failed or was given up.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<FetchedEdit> StartAsync(ImagicClient client, int attempt, CancellationToken cancellationToken);
}
