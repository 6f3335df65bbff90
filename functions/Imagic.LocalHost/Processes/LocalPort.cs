using System.Net;
using System.Net.Sockets;

namespace Imagic.LocalHost.Processes;

/// <summary>Ports of this machine.</summary>
internal static class LocalPort
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>Whether something listens on a port.</summary>
    public static async Task<bool> IsTakenAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
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
        while (!await IsTakenAsync(port, cancellationToken)) await Task.Delay(PollInterval, cancellationToken);
    }
}
