using Imagic.LocalHost.FunctionRpc;

namespace Imagic.LocalHost.Tests.FunctionRpc;

public sealed class FunctionDefinitionTests
{
    private const string Message = """ "type": "queueTrigger", "name": "m", "queueName": "q", "properties": { "supportsDeferredBinding": "True" } """;

    [Fact]
    public void Read_HttpTrigger_IsOneWithItsRouteAndMethods()
    {
        var function = Assert.IsType<HttpFunction>(Read(
            """{ "name": "request", "direction": "In", "type": "httpTrigger", "authLevel": "Function", "methods": ["get", "put"], "route": "/edits/{id}" }""",
            """{ "name": "$return", "type": "http", "direction": "Out" }"""));

        Assert.Equal(("id", "Ask", "request", "edits/{id}"), (function.Id, function.Name, function.Input, function.Route));
        Assert.Equal(["get", "put"], function.Methods);
    }

    [Fact]
    public void Read_HttpTriggerWithoutARoute_HasItsNameForOne() =>
        Assert.Equal("Ask", Assert.IsType<HttpFunction>(Read("""{ "name": "request", "type": "httpTrigger" }""")).Route);

    [Fact]
    public void Read_QueueTrigger_IsOne() =>
        Assert.Equal(new QueueFunction("id", "Ask", "m", "q"), Read($$"""{ {{Message}}, "connection": "ImagicStorage" }"""));

    [Fact]
    public void Read_TimerTrigger_IsOneWithItsSchedule()
    {
        var function = Assert.IsType<TimerFunction>(Read("""{ "type": "timerTrigger", "name": "timer", "schedule": "0 7 * * * *" }"""));

        Assert.Equal(("id", "Ask", "timer"), (function.Id, function.Name, function.Input));
        Assert.Equal(new(2026, 3, 1, 13, 7, 0), function.Schedule.GetNextOccurrence(new(2026, 3, 1, 12, 7, 0)));
    }

    [Theory]
    [InlineData("""{ "type": "timerTrigger", "name": "timer", "schedule": "01:00:00" }""", "the schedule '01:00:00'")]
    [InlineData("""{ "type": "timerTrigger", "name": "timer" }""", "the schedule ''")]
    [InlineData("""{ "type": "blobTrigger", "name": "blob" }""", "is triggered by 'blobTrigger'")]
    [InlineData($$"""{ {{Message}}, "connection": "Elsewhere" }""", "the connection 'Elsewhere'")]
    [InlineData("""{ "type": "queueTrigger", "name": "text", "queueName": "q" }""", "something else than a QueueMessage")]
    public void Read_WhatIsNotKnown_SaysWhichFunction(string binding, string expected)
    {
        var message = Assert.Throws<FunctionAppException>(() => Read(binding)).Message;

        Assert.StartsWith("The function Ask ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Read_AnOutputBesideTheAnswer_SaysSo() => Assert.Contains(
        "has 2 bindings", Assert.Throws<FunctionAppException>(() => Read($$"""{ {{Message}} }""", """{ "type": "queue", "name": "o", "direction": "Out" }""")).Message);

    private static FunctionDefinition Read(params string[] bindings) =>
        FunctionDefinition.Read(new() { FunctionId = "id", Name = "Ask", RawBindings = { bindings } });
}
