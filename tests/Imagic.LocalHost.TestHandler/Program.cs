using Imagic.LocalHost.TestHandler;

// A custom handler that records what it is sent and misbehaves on request. The tests say how by its environment.
if (args is ["host", var folder, var connectionString])
{
    await HostRole.RunAsync(folder, connectionString);
    return 0;
}

var start = Environment.GetEnvironmentVariable("TEST_START");
if (start == "crash")
{
    await Console.Error.WriteLineAsync("It cannot start.");
    return 7;
}

if (start == "deaf")
{
    await Task.Delay(Timeout.Infinite);
}

var recorder = new Recorder(Environment.GetEnvironmentVariable("TEST_RECORD")!);
if (start == "hold-restart" && recorder.HasWritten)
{
    while (!File.Exists(Environment.GetEnvironmentVariable("TEST_RELEASE"))) await Task.Delay(20);
}

recorder.Write("started", "", "", []);
// As bare as can be: the tests start it dozens of times.
var builder = WebApplication.CreateEmptyBuilder(new());
builder.Services.AddRouting();
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.ListenLocalhost(int.Parse(Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT")!));
    kestrel.Limits.MaxRequestBodySize = null;
});
var app = builder.Build();
app.MapWeb();
app.MapPost("/{function}", (string function, HttpContext context) => Invocations.HandleAsync(function, context, recorder));
app.Lifetime.ApplicationStopped.Register(() => recorder.Write("stopped", "", "", []));
Console.WriteLine("The handler is here.");
await app.RunAsync();
return 0;
