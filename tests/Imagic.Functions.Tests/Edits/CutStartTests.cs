using System.Net;
using System.Net.Sockets;
using System.Text;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

/// <summary>Callers that hang up while they start an edit: there is an edit, or there is nothing.</summary>
public class CutStartTests(AzuriteFixture azurite)
{
    private const int Callers = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_ThatIsCutAnywhere_LeavesAnEditOrNothing()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var form = StartEditTests.Form(Pictures.OfLength(100_000), "cat.png", "image/png", ("targetText", "a dog"));
        var body = await form.ReadAsByteArrayAsync(Token);
        var random = new Random(14);
        // Most hang up about when the first blob is there: half of the start is done.
        var cuts = Enumerable.Range(0, Callers).Select(i => (Id: $"cut-{i}", Sent: i % 4 == 0 ? random.Next(body.Length) : body.Length, Wait: random.Next(10))).ToList();

        await Parallel.ForEachAsync(cuts, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Token }, async (cut, token) =>
        {
            using var caller = new TcpClient { LingerState = new(true, 0) };
            await caller.ConnectAsync(app.Address.Host, app.Address.Port, token);
            var head = $"PUT /api/edits/{cut.Id} HTTP/1.1\r\nHost: {app.Address.Authority}\r\nContent-Type: {form.Headers.ContentType}\r\nContent-Length: {body.Length}\r\n\r\n";
            await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), token);
            await caller.GetStream().WriteAsync(body.AsMemory(0, cut.Sent), token);
            if (cut.Sent < body.Length) return;
            var source = app.Account.Edits.GetBlobClient(StoragePaths.Source(EditId.Parse(cut.Id)));
            while (!await source.ExistsAsync(token)) await Task.Yield();
            await Task.Delay(cut.Wait, token);
        });

        await UntilAsync(async () => (await app.BlobsAsync()).GroupBy(name => name.Split('/')[0])
            .All(edit => edit.Any(name => name.EndsWith("/edit.json", StringComparison.Ordinal))));
        foreach (var (id, _, _) in cuts)
        {
            using var other = StartEditTests.Form(Pictures.Heart, "heart.png", "image/png", ("targetText", "a dog"));
            var answer = await app.Client.PutAsync($"edits/{id}", other, Token);
            Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.Conflict });
            await UntilAsync(async () => (await app.BlobsAsync()).Contains(StoragePaths.Record(EditId.Parse(id))));
            var isHeart = (await app.RecordAsync(id)).Source.Sha256 == Pictures.Sha256(Pictures.Heart);
            Assert.Equal(answer.StatusCode == HttpStatusCode.Accepted, isHeart);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (!await isSo()) await Task.Delay(100, patience.Token);
    }
}
