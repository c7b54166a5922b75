using System.Net;
using System.Net.Sockets;

namespace Idempotency.TestServers;

/// <summary>Ports on which a server can be started.</summary>
public static class LoopbackPort
{
    /// <summary>One that was free a moment ago. Outside the range from which the system takes ports for connections, so that none of them gets it first.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(12_000, 30_000);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one is not.
            }
        }
    }
}
