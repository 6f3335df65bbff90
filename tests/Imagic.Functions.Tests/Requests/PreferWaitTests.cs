using Imagic.Functions.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Imagic.Functions.Tests.Requests;

public class PreferWaitTests
{
    [Theory]
    [InlineData("wait=5", 5)]
    [InlineData("WAIT = 05", 5)]
    [InlineData("wait=\"7\"", 7)]
    [InlineData("wait=60", 60)]
    [InlineData("wait=61", 60)]
    [InlineData("wait=99999999999999999999", 60)]
    [InlineData("respond-async, wait=10; note=slow", 10)]
    [InlineData("note=\"a, wait=3\", wait=4", 4)]
    [InlineData("=nonsense=, wait=4", 4)]
    [InlineData("wait=4, wait=9", 4)]
    [InlineData("wait=soon, wait=9", null)]
    [InlineData("wait=0", null)]
    [InlineData("wait=-1", null)]
    [InlineData("wait=1.5", null)]
    [InlineData("wait", null)]
    [InlineData("wait=", null)]
    [InlineData("wait=\"", null)]
    [InlineData("waiting=5", null)]
    [InlineData("note=\"wait=5", null)]
    [InlineData("", null)]
    public void Of_AHeader_TakesASecondsPreferenceAndIgnoresWhatIsNone(string header, int? seconds)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers[PreferWait.Header] = header;

        Assert.Equal(seconds, PreferWait.Of(request)?.TotalSeconds);
    }

    [Fact]
    public void Of_SeveralHeaders_TakesThemAsOneList()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers[PreferWait.Header] = new StringValues(["respond-async", "wait=3"]);

        Assert.Equal(3, PreferWait.Of(request)?.TotalSeconds);
    }
}
