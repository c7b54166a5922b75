using System.Net.Sockets;
using System.Text;

namespace Idempotency.AspNetCore.Tests;

/// <summary>A client that sends bytes as they are.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request that closes its connection, and returns what came back.</summary>
    public static async Task<string> SendAsync(Uri server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
