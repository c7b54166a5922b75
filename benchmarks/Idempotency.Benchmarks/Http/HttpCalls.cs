using Idempotency.Benchmarks.Load;

namespace Idempotency.Benchmarks.Http;

/// <summary>Requests to a server, as a client makes them that costs next to nothing.</summary>
internal static class HttpCalls
{
    public const string Bare = "bare", Fresh = "a new key each", Replay = "the same key", FreshByHand = "a new key each, by hand", ReplayByHand = "the same key, by hand";

    /// <summary>More callers than these wait for a connection.</summary>
    private const int Limit = 256;

    public static Task ServeAsync(string address)
    {
        var server = new Uri(address);
        return LoadProcess.ServeAsync(new()
        {
            [Bare] = new Connections(server, "/bare", Limit, isFresh: true).SendAsync,
            [Fresh] = new Connections(server, "/guarded", Limit, isFresh: true).SendAsync,
            [Replay] = new Connections(server, "/guarded", Limit, isFresh: false).SendAsync,
            [FreshByHand] = new Connections(server, "/by-hand", Limit, isFresh: true).SendAsync,
            [ReplayByHand] = new Connections(server, "/by-hand", Limit, isFresh: false).SendAsync,
        });
    }
}
