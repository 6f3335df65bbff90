using System.Net;
using System.Net.Sockets;
using Imagic.Storage.Resilience;

namespace Imagic.LocalHost.Processes;

/// <summary>Ports of this machine.</summary>
internal static class LocalPort
{
    /// <summary>Whether something listens on a port.</summary>
    public static async Task<bool> IsTakenAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            await ConnectAsync(port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Waits until something listens on a port.</summary>
    public static async Task AnswersAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            await ResiliencePipelines.Readiness(TimeProvider.System, TimeSpan.MaxValue, exception => exception is SocketException)
                .ExecuteAsync(token => ConnectAsync(port, token), cancellationToken);
        }
        catch (SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static async ValueTask ConnectAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
    }
}
