using System.Net.Sockets;
using System.Text;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Requests;

public class SlowBodyTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("application/json", "{\"source\":")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a\"\r\n\r\n")]
    public async Task Put_OfABodyThatStalls_TimesOut(string type, string start)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = new TcpClient();
        await client.ConnectAsync(app.Address.Host, app.Address.Port, deadline.Token);
        await using var stream = client.GetStream();

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"PUT /api/edits/cat-1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 50000\r\n\r\n{start}"),
            deadline.Token);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(deadline.Token);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"request-timeout\"", answer, StringComparison.Ordinal);
        await app.AssertNothingWrittenAsync();
    }
}
