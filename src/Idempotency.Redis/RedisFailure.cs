using System.Net;
using Idempotency.Keys;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>Says what a failed command means and what to do about it.</summary>
internal static class RedisFailure
{
    /// <summary>What the client or the server threw, as what the guard and a person can act on.</summary>
    public static Exception Explain(Exception failure, string servers, IdempotencyKey key) => failure switch
    {
        TimeoutException => new TimeoutException($"Redis at {servers} gave no answer in time. Whether the command was applied is not known.", failure),
        RedisServerException refusal => Explain(refusal, servers, key),
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => Denied(failure, servers),
        _ when IsDenied(failure.Message) => Denied(failure, servers),
        _ => new IOException($"Redis at {servers} cannot be reached, or only as a read-only replica. Check the address, which must be that of the primary or of all servers, the port, TLS and the network. The client says: {failure.Message}", failure),
    };

    /// <summary>No connection, or nothing known of it, in time: unlike a command that was not answered, it has changed nothing.</summary>
    public static TimeoutException NotOpened(Exception late, string servers) => new(
        $"Redis at {servers} gave no answer in time while the store made sure of its connection. Nothing of this call was sent yet. Check the address, the password and the network; where they are only slow, raise {nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.CommandTimeout)} and the time-outs of the connection.",
        late);

    /// <summary>Whether a refusal lasts: for want of rights, or with no more than the general code. The other codes name states that pass, and so do the client's own words for a redirection.</summary>
    public static bool IsForGood(RedisServerException refusal) =>
        IsDenied(refusal.Message) || refusal.Message.StartsWith("ERR ", StringComparison.Ordinal);

    /// <summary>The addresses as a person would write them.</summary>
    public static string Name(IEnumerable<EndPoint> servers) => string.Join(", ", servers.Select(static server => server switch
    {
        DnsEndPoint named => $"{named.Host}:{named.Port}",
        _ => $"{server}",
    }));

    /// <summary>Whether the words of a server, or of the client, say that the server does not know who asks.</summary>
    public static bool IsUnauthenticated(string message) =>
        message.Contains("NOAUTH", StringComparison.Ordinal) || message.Contains("WRONGPASS", StringComparison.Ordinal)
        || message.Contains("AuthenticationFailure", StringComparison.Ordinal) || message.Contains("ERR invalid password", StringComparison.Ordinal);

    /// <summary>The failure when one does not accept the other.</summary>
    public static UnauthorizedAccessException Denied(Exception failure, string servers) => new(
        $"Redis at {servers} and this client do not accept each other: the password, the rights of its user, or the TLS certificate. Correct the configuration, or grant what docs/redis.md lists. The client says: {failure.Message}",
        failure);

    private static bool IsDenied(string message) =>
        IsUnauthenticated(message) || message.Contains("NOPERM", StringComparison.Ordinal)
        || message.Contains("The user executing the script can't", StringComparison.Ordinal);

    private static Exception Explain(RedisServerException refusal, string servers, IdempotencyKey key)
    {
        var code = refusal.Message.Split(' ', 2)[0];
        return code switch
        {
            _ when refusal.Message.Contains("UNREADABLE", StringComparison.Ordinal) => new InvalidDataException($"The record of '{key}' is damaged, or was written by a later version of the library. Nothing was changed.", refusal),
            "READONLY" => new IOException($"Redis at {servers} is a read-only replica. Give the store the address of the primary, or of all servers. The server says: {refusal.Message}", refusal),
            "OOM" => new IOException($"Redis at {servers} is out of memory and takes no more records. Raise maxmemory, or shorten Ttl. The server says: {refusal.Message}", refusal),
            "LOADING" => new IOException($"Redis at {servers} is still loading its data. It answers when it has. The server says: {refusal.Message}", refusal),
            "BUSY" => new IOException($"Redis at {servers} is busy with a script that does not end. The server says: {refusal.Message}", refusal),
            _ when IsDenied(refusal.Message) => Denied(refusal, servers),
            _ => new IOException($"Redis at {servers} did not carry out a command. It says: {refusal.Message}", refusal),
        };
    }
}
