using System.Text.Json;
using Imagic.Contracts.Settings;
using Imagic.TestKit;
using Microsoft.AspNetCore.Http;

namespace Imagic.Client.Tests;

/// <summary>Answers for a <see cref="ScriptedServer"/> to give.</summary>
internal static class Answers
{
    public static string ViewJson(long sequence, EditState state) => JsonSerializer.Serialize(
        new EditView
        {
            EditId = EditId.Parse("some-edit"),
            Sequence = sequence,
            State = state,
            Created = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Model = "emoji-64",
            Settings = EditProfile.All["emoji-64"].For("a bird"),
            Source = new("a.png", new('0', 64), 1000, "PNG", 64, 64),
            Stage = EditStage.Optimize,
            Stages = [],
            Resumes = 0,
        },
        ContractsJsonContext.Default.EditView);

    /// <summary>An edit.</summary>
    public static Action<HttpContext> View(long sequence, EditState state) => With(Text(200, "application/json", ViewJson(sequence, state)), "ETag", $"\"{sequence}\"");

    public static Action<HttpContext> Problem(int status, string json) => Text(status, "application/problem+json", json);

    public static Action<HttpContext> Text(int status, string type, string content) => context =>
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, type);
        context.Items[nameof(ScriptedServer.Content)] = content;
    };

    public static Action<HttpContext> With(Action<HttpContext> answer, string header, string value) => answer + (context => context.Response.Headers[header] = value);

    /// <summary>Notes what was asked.</summary>
    public static Action<HttpContext> Seen(List<string> calls, Action<HttpContext> answer) =>
        (context => calls.Add($"{context.Request.Method} {context.Request.Path}")) + answer;
}
