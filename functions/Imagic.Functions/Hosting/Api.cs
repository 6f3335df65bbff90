using System.Text.Json.Serialization;
using Imagic.Contracts;
using Imagic.Functions.Edits;
using Imagic.Functions.Events;
using Imagic.Functions.Health;
using Imagic.Functions.Keys;
using Imagic.Functions.OpenApi;
using Imagic.Functions.Problems;
using Imagic.Functions.Uploads;
using Imagic.Runtime.Storage;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Imagic.Functions.Hosting;

/// <summary>What both front ends serve: the same routes, bounds and problems, whoever brings the requests.</summary>
internal static class Api
{
    // The front end gives up after 230 s, and the host ends the whole app at its functionTimeout of 10 minutes.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(230);

    // Bytes per second below which a sender is taken for stalled, after a time of grace.
    private static readonly MinDataRate SlowestBody = new(1024, TimeSpan.FromSeconds(5));

    /// <summary>Adds all that the functions need, with bounds on what a request may cost.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services, IConfiguration configuration) => services
        .Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxJsonBytes;
        })
        .AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status408RequestTimeout,
        })
        .ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, FunctionsJsonContext.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        })
        .AddStorage(configuration).AddKeys().AddEdits().AddStorageEvents().AddApiDescription();

    /// <summary>Serves the API.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="more">Maps what only one front end has.</param>
    public static void UseApi(this IApplicationBuilder app, Action<IEndpointRouteBuilder>? more = null)
    {
        app.UseRouting();
        app.UseProblems();
        app.UseRequestTimeouts();
        app.UseEndpoints(routes =>
        {
            more?.Invoke(routes);
            var api = routes.MapGroup("/api");
            api.MapEdits();
            api.MapUploads();
            api.MapHealth();
            api.MapApiDescription();
        });
    }

    private static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        // Environment variables spell the hierarchy of settings with two underscores.
        string? Setting(string name) => configuration[name.Replace("__", ":", StringComparison.Ordinal)];
        return services
            .AddSingleton(FunctionsOptions.Read(Setting))
            .AddSingleton(new StorageAccount(StorageOptions.Read(Setting)))
            .AddSingleton(TimeProvider.System);
    }
}
