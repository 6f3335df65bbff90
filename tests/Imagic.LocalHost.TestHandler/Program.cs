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
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT")}");
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
var app = builder.Build();
app.MapWeb();
app.MapPost("/{function}", (string function, HttpContext context) => Invocations.HandleAsync(function, context, recorder));
app.Lifetime.ApplicationStopped.Register(() => recorder.Write("stopped", "", "", []));
Console.WriteLine("The handler is here.");
await app.RunAsync();
return 0;
