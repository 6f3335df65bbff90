using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Functions.Edits.Waiting;
using Imagic.Functions.Models;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Storage;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Imagic.Functions.Mcp;

/// <summary>What an agent may do with edits: the calls of the API, with the same limits.</summary>
internal sealed class EditTools(
    EditStarter starter, EditRecords records, EditWait wait, CancelEdit cancel, EditPictureBlocks pictures, PushedModels models,
    ExceptionProblems problems, IHttpContextAccessor context, FunctionsOptions options, TimeProvider time)
{
    private const int LongestWait = 60;

    private HttpRequest Request => context.HttpContext!.Request;

    [McpServerTool(Name = "edit_image", Title = "Edit a picture", Destructive = false, OpenWorld = false)]
    [Description("Starts an edit of a photograph so that a sentence becomes true of it. An edit takes minutes, a quick look (settings {\"method\": \"sdedit\"}) seconds: ask for it with get_edit until it has ended.")]
    public Task<CallToolResult> EditAsync(
        [Description("The sentence that becomes true of the picture: what it then shows, such as 'a photo of a sitting dog'.")] string text,
        [Description("The picture's file in base64, or as a data: address. Give this or source.")] string? picture = null,
        [Description("The name of a picture that was uploaded before. Give this or picture.")] string? source = null,
        [Description("One of the models that list_models tells; absent takes the first.")] string? model = null,
        [Description("One picture is made of each seed at the suggested strength. Absent makes one.")] long[]? seeds = null,
        [Description("Strengths to render, mostly between 0.5 and 1.5; the larger, the further from the picture. Absent takes the model's own.")] double[]? strengths = null,
        [Description("Further settings as POST /api/edits takes them, such as {\"steps\": 30}; openapi.json tells all.")] JsonElement? settings = null,
        [Description("An id of your choice for the edit: calling again with the same id and arguments gives the same edit.")] string? edit_id = null,
        [Description("Seconds to wait for the end, up to 60. Absent answers at once.")] int wait_seconds = 0,
        CancellationToken cancellationToken = default) => AnswerAsync(async () =>
        {
            var patience = PatienceOf(wait_seconds);
            var id = edit_id is null ? EditId.New(time.GetUtcNow()) : IdOf(edit_id);
            var start = settings is { ValueKind: JsonValueKind.Object } json ? RequestJson.Read<EditOverrides>(Encoding.UTF8.GetBytes(json.GetRawText()), "settings") : new();
            var wanted = new EditRequest
            {
                TargetText = text,
                Source = source,
                Model = model,
                Settings = start with
                {
                    Seeds = seeds is null ? start.Seeds ?? [1] : [.. seeds],
                    Etas = strengths is null ? start.Etas : [.. strengths],
                },
            };
            if (picture is null == source is null) throw Refusal("picture-missing", "Give either the picture or its source.", "picture");
            var edit = picture is null ? await starter.CheckAsync(wanted, cancellationToken)
                : await starter.CheckAsync(wanted, BytesImage.Parse(picture), cancellationToken);
            var record = await StartEdit.RunAsync(id, token => starter.StartAsync(id, edit, Caller.Of(Request, options), batch: null, token), time);
            return await ViewAsync(await WaitAsync(record, patience, cancellationToken), cancellationToken);
        });

    [McpServerTool(Name = "get_edit", Title = "Look at an edit", ReadOnly = true, OpenWorld = false)]
    [Description("Tells how far an edit is; of one that has succeeded also its pictures, those of up to 1 MB as images, others by their addresses.")]
    public Task<CallToolResult> GetAsync(
        [Description("The id that edit_image gave.")] string edit_id,
        [Description("Seconds to wait for the end, up to 60. Absent answers at once.")] int wait_seconds = 0,
        CancellationToken cancellationToken = default) => AnswerAsync(async () =>
        {
            var (patience, id) = (PatienceOf(wait_seconds), IdOf(edit_id));
            var record = await records.ReadAsync(id, cancellationToken) ?? throw EditAnswers.NotFound(id);
            return await ViewAsync(await WaitAsync(record, patience, cancellationToken), cancellationToken);
        });

    [McpServerTool(Name = "cancel_edit", Title = "Give up an edit", Destructive = true, Idempotent = true, OpenWorld = false)]
    [Description("Gives up an edit: at once while it waits, at its next step while it runs. One that has ended stays as it is.")]
    public Task<CallToolResult> CancelAsync(
        [Description("The id that edit_image gave.")] string edit_id, CancellationToken cancellationToken = default) =>
        AnswerAsync(async () => Told(ToolEdit.Of((await cancel.RunAsync(IdOf(edit_id), cancellationToken)).Value, Request)));

    [McpServerTool(Name = "list_models", Title = "List the models", ReadOnly = true, OpenWorld = false)]
    [Description("Tells the models that edits may name, the one that is taken by default first, each with the side in pixels of the pictures that it works on.")]
    public Task<CallToolResult> ListModelsAsync(CancellationToken cancellationToken = default) => AnswerAsync(async () =>
    {
        List<ToolModel> told = [.. (await models.ListAsync(cancellationToken)).Select(model => new ToolModel(model.Name, model.Traits.Side))];
        return new() { Content = [new TextContentBlock { Text = JsonSerializer.Serialize(told, ToolJsonContext.Default.ListToolModel) }] };
    });

    private async Task<CallToolResult> ViewAsync(EditRecord record, CancellationToken cancellationToken)
    {
        var told = Told(ToolEdit.Of(record, Request));
        if (record.State == EditState.Succeeded)
            await foreach (var block in pictures.OfAsync(record, Request, cancellationToken)) told.Content.Add(block);
        return told;
    }

    private async Task<EditRecord> WaitAsync(Stored<EditRecord> record, TimeSpan patience, CancellationToken cancellationToken) =>
        (patience == TimeSpan.Zero ? record : await wait.UntilAsync(record, now => now.Value.HasEnded(), patience, cancellationToken) ?? record).Value;

    private static CallToolResult Told(ToolEdit edit) =>
        new() { Content = [new TextContentBlock { Text = JsonSerializer.Serialize(edit, ToolJsonContext.Default.ToolEdit) }] };

    // The model reads why, and may do better.
    private async Task<CallToolResult> AnswerAsync(Func<Task<CallToolResult>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var problem = problems.Of(exception, context.HttpContext!);
            return new() { IsError = true, Content = [new TextContentBlock { Text = $"{problem.Code}: {problem.Detail}" }] };
        }
    }

    private static EditId IdOf(string text) => EditId.TryParse(text, out var id) ? id : throw Refusal("invalid-edit-id", $"The edit id must have {EditId.Rule}.", "edit_id");

    private static TimeSpan PatienceOf(int seconds) => seconds is >= 0 and <= LongestWait
        ? TimeSpan.FromSeconds(seconds) : throw Refusal("invalid-wait", $"wait_seconds is {seconds}. Give 0 to {LongestWait}.", "wait_seconds");

    private static RequestProblemException Refusal(string code, string detail, string member) => new(code, StatusCodes.Status400BadRequest, detail, member);
}
