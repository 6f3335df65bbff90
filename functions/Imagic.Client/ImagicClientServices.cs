using Imagic.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers an <see cref="ImagicClient"/>.</summary>
public static class ImagicClientServices
{
    /// <summary>Adds one <see cref="ImagicClient"/> for the whole program.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configure">Says at least where the service is.</param>
    /// <returns>Its HTTP client, for what else it needs: a proxy, a handler that signs in.</returns>
    public static IHttpClientBuilder AddImagicClient(this IServiceCollection services, Action<ImagicClientOptions>? configure = null)
    {
        services.AddOptions<ImagicClientOptions>();
        if (configure is not null) services.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ImagicClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(ImagicClient)),
            provider.GetRequiredService<IOptions<ImagicClientOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        var http = services.AddHttpClient(nameof(ImagicClient))
            .UseSocketsHttpHandler((handler, _) => ImagicClient.Configure(handler))
            // Connections are renewed by their own age.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        http.AddResilienceHandler("imagic", (builder, context) => Retries.AddTo(builder, context.ServiceProvider.GetRequiredService<TimeProvider>()));
        return http.AddHttpMessageHandler(provider => new AttemptHandler(provider.GetRequiredService<IOptions<ImagicClientOptions>>().Value.Timeout));
    }
}
