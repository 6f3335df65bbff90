using System.Net;
using System.Text.Json.Serialization;
using Imagic.Contracts;
using Imagic.Functions.Problems;
using Imagic.Runtime.Storage;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Imagic.Functions.Hosting;

/// <summary>What makes a web application a custom handler of the Functions host, and what it reads from its settings.</summary>
public static class CustomHandler
{
    // The front end gives up after 230 s, and the host ends the whole handler at its functionTimeout of 10 minutes.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(230);

    // Bytes per second below which a sender is taken for stalled, after a time of grace.
    private static readonly MinDataRate SlowestBody = new(1024, TimeSpan.FromSeconds(5));

    /// <summary>Listens where the host asks for it, with bounds on what a request may cost.</summary>
    public static void AddCustomHandler(this WebApplicationBuilder builder)
    {
        const string portSetting = "FUNCTIONS_CUSTOMHANDLER_PORT";
        if (!ushort.TryParse(builder.Configuration[portSetting], out var port))
            throw new InvalidOperationException($"The setting {portSetting} is missing or is no port. The Functions host sets it.");

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Nobody but the host of this machine: it is the host that checks keys.
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxJsonBytes;
        });
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status408RequestTimeout,
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, FunctionsJsonContext.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        });
    }

    /// <summary>Adds the storage account and the settings of the app.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        // Environment variables spell the hierarchy of settings with two underscores.
        string? Setting(string name) => configuration[name.Replace("__", ":", StringComparison.Ordinal)];
        return services
            .AddSingleton(FunctionsOptions.Read(Setting))
            .AddSingleton(new StorageAccount(StorageOptions.Read(Setting)))
            .AddSingleton(TimeProvider.System);
    }
}
