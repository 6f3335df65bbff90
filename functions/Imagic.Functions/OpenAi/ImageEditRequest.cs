using System.Globalization;
using System.Text.RegularExpressions;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Imaging;
using Imagic.Marks;

namespace Imagic.Functions.OpenAi;

/// <summary>An edit, as OpenAI's API asks for it.</summary>
internal sealed partial record ImageEditRequest(EditRequest Edit, IImageSource Picture)
{
    // As many as their API makes at once.
    private const int MostPictures = 10;
    private const int MostPartials = 3;

    public static readonly string[] PictureParts = ["image", "image[]", "mask"];

    public static readonly string[] TextParts =
    [
        "prompt", "model", "n", "size", "output_format", "output_compression", "response_format", "stream", "partial_images", "user",
        "background", "quality", "moderation", "input_fidelity", "settings",
    ];

    public ImageFormat Format { get; private init; }

    /// <summary>1 to 100; without effect on PNG.</summary>
    public int Quality { get; private init; }

    /// <summary>Whether pictures are told by their addresses.</summary>
    public bool ByUrl { get; private init; }

    public bool IsStream { get; private init; }

    /// <summary>Most previews to send along a stream.</summary>
    public int Partials { get; private init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="RequestProblemException">It asks for what cannot be done, or a part is not what it should be.</exception>
    public static async Task<ImageEditRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType || !request.ContentType!.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw RequestBody.WrongType(request, "multipart/form-data");
        var form = await MultipartForm.ReadAsync(request, PictureParts, TextParts, cancellationToken);
        RefuseWhatCannotBeDone(form);
        var format = Choice(form, "output_format", "png", "jpeg", "webp") switch
        {
            "jpeg" => ImageFormat.Jpeg,
            "webp" => ImageFormat.WebP,
            _ => ImageFormat.Png,
        };
        var (byUrl, isStream) = (Choice(form, "response_format", "b64_json", "url") == "url", Choice(form, "stream", "false", "true") == "true");
        if (byUrl && format != ImageFormat.Png)
            throw Refusal("output_format", "Pictures that are told by address are PNG. Leave output_format out, or take response_format b64_json.");
        if (byUrl && isStream) throw Refusal("response_format", "A stream has the pictures in it. Leave response_format out, or stream.");
        return new(EditOf(form), PictureOf(form))
        {
            Format = format,
            Quality = Math.Max(1, Number(form, "output_compression", 0, 100) ?? 90),
            ByUrl = byUrl,
            IsStream = isStream,
            Partials = Number(form, "partial_images", 0, MostPartials) ?? 0,
        };
    }

    /// <summary>What their API calls the format.</summary>
    public string FormatName => Format.ToString().ToLowerInvariant();

    /// <summary>A PNG of ours in the format that is asked for, and its size in pixels. It says of itself what the PNG says.</summary>
    public (string Base64, string Size) Encode(BinaryData png, PictureMarks marks)
    {
        var header = ImageHeader.Read(png);
        var file = Format == ImageFormat.Png
            ? png.ToArray()
            : marks.Transcoded(ImageCodec.Encode(ImageCodec.Decode(png, ImageLimits.Default), Format, Quality), png, $"picture.{FormatName}");
        return (Convert.ToBase64String(file), $"{header.Width}x{header.Height}");
    }

    private static EditRequest EditOf(MultipartForm form)
    {
        var settings = form.Json<EditOverrides>("settings") ?? new();
        var count = Number(form, "n", 1, MostPictures);
        if (count is not null && settings.Seeds is not null) throw Refusal("n", "n is how many seeds there are, and the settings name seeds. Leave one of them out.");
        return new()
        {
            TargetText = form.Text("prompt") ?? throw Refusal("prompt", "The prompt is missing. Send the sentence that becomes true of the picture."),
            Model = form.Text("model"),
            Settings = settings with { Seeds = settings.Seeds ?? [.. Enumerable.Range(1, count ?? 1).Select(seed => (long)seed)] },
            Size = SizeOf(form),
        };
    }

    private static FormImage PictureOf(MultipartForm form) => form.Pictures switch
    {
        [var (_, picture)] => picture,
        [] => throw new RequestProblemException("picture-missing", StatusCodes.Status400BadRequest, "The picture is missing. Send its bytes as 'image'.", "image"),
        var many => throw Refusal("image", $"There are {many.Count} pictures; one can be edited at a time."),
    };

    private static void RefuseWhatCannotBeDone(MultipartForm form)
    {
        if (form.Pictures.Any(picture => picture.Part == "mask") || form.Text("mask") is not null)
            throw Refusal("mask", "Edits with a mask cannot be done here: the prompt alone says what changes. Leave the mask out.");
        if (form.Text("background") is "transparent") throw Refusal("background", "Pictures have no transparency here. Leave background out.");
        Choice(form, "background", "auto", "opaque");
        if (form.Text("input_fidelity") is not null)
            throw Refusal("input_fidelity", "How near an edit stays to its picture is not chosen so here. Leave input_fidelity out; etas in the settings are the strengths.");
        if (form.Text("quality") is { } quality and not "auto")
            throw Refusal("quality", $"There is no quality '{quality}' here. Leave it out; steps in the settings are what costs time.");
        Choice(form, "moderation", "auto", "low");
    }

    private static WorkingSize? SizeOf(MultipartForm form) => form.Text("size") switch
    {
        null or "auto" => null,
        var text when Sides().Match(text) is { Success: true } sides => new(SideOf(sides.Groups[1]), SideOf(sides.Groups[2])),
        var text => throw Refusal("size", $"The size is '{text}'. Send auto, or width and height such as 512x512."),
    };

    private static int SideOf(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    // The first is taken where there is none.
    private static string Choice(MultipartForm form, string name, params string[] choices)
    {
        var text = form.Text(name)?.ToLowerInvariant() ?? choices[0];
        return choices.Contains(text) ? text : throw Refusal(name, $"The {name} is '{text}'. Send one of: {string.Join(", ", choices)}.");
    }

    private static int? Number(MultipartForm form, string name, int least, int most) => form.Text(name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        var text => throw Refusal(name, $"The {name} is '{text}'. Send a whole number from {least} to {most}."),
    };

    private static RequestProblemException Refusal(string part, string detail) => new("unsupported-value", StatusCodes.Status400BadRequest, detail, part);

    [GeneratedRegex(@"\A([0-9]{1,5})x([0-9]{1,5})\z")]
    private static partial Regex Sides();
}
