using Imagic.LocalHost.TestApp;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// A function app that records what it is sent and misbehaves on request. The tests say how by its environment.
var start = Environment.GetEnvironmentVariable("TEST_START");
if (start == "crash")
{
    await Console.Error.WriteLineAsync("It cannot start.");
    return 7;
}

if (start == "deaf") await Task.Delay(Timeout.Infinite);
var recorder = new Recorder(Environment.GetEnvironmentVariable("TEST_RECORD")!);
if (start == "hold-restart" && recorder.HasWritten) await Release.WaitAsync(CancellationToken.None);
recorder.Write("started", "", "", []);
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSingleton(recorder).Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
var app = builder.Build();
app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(() => recorder.Write("stopped", "", "", []));
Console.WriteLine("The worker is here.");
await app.RunAsync();
return 0;
