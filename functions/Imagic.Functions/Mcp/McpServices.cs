using ModelContextProtocol.Protocol;

namespace Imagic.Functions.Mcp;

internal static class McpServices
{
    public static IServiceCollection AddMcpTools(this IServiceCollection services)
    {
        services.AddHttpContextAccessor().AddSingleton<McpEndpoint>().AddSingleton<EditPictureBlocks>()
            .AddMcpServer(server => server.ServerInfo = new Implementation { Name = "imagic", Version = "1" })
            // Requests of one client come to any instance.
            .WithHttpTransport(http => http.Stateless = true)
            .WithTools<EditTools>();
        return services;
    }
}
