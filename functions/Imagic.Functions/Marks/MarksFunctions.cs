using Imagic.Contracts;
using Imagic.Contracts.Results;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Imaging;
using Imagic.Marks.Checking;
using Microsoft.AspNetCore.Mvc;

namespace Imagic.Functions.Marks;

/// <summary>Checking where a picture is from.</summary>
[Tags("Service")]
internal sealed class MarksFunctions
{
    // A picture of the most pixels takes 1 GiB while it is decoded: one at a time.
    private static readonly SemaphoreSlim Turn = new(1);

    [Function("VerifyPicture")]
    [EndpointSummary("Which marks of its origin a picture carries, what they say, and how sure that is. The picture is not kept.")]
    [Consumes(typeof(byte[]), "application/octet-stream", "image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff")]
    [ProducesResponseType<MarksReport>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 408, 413, 415, 503)]
    public async Task<IResult> VerifyAsync([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/verify")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var file = await RequestBody.ReadAsync(
            request.Body, ImageLimits.Default.MaxBytes, "picture-too-large",
            $"The picture is larger than {ImageLimits.Default.MaxBytes:N0} bytes. Send a smaller or more compressed one.", cancellationToken);
        await Turn.WaitAsync(cancellationToken);
        try
        {
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            return TypedResults.Json(MarksReader.Read(file, ImageLimits.Default), ContractsJsonContext.Default.MarksReport);
        }
        catch (ImageException exception)
        {
            throw ImageCheck.Refusal(exception);
        }
        finally
        {
            Turn.Release();
        }
    }
}
