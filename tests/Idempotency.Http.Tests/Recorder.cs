using System.Collections.Concurrent;
using System.Net;

namespace Idempotency.Http.Tests;

/// <summary>A server that never was: notes what would have been sent to it, and answers.</summary>
internal sealed class Recorder : HttpMessageHandler
{
    private readonly ConcurrentQueue<(string Request, string? Key)> _sent = [];

    /// <summary>What was sent, in this order: the method and URI, and the header; several values would be joined by a comma.</summary>
    public IReadOnlyList<(string Request, string? Key)> Sent => [.. _sent];

    /// <summary>The header of each request.</summary>
    public IReadOnlyList<string?> Keys => [.. _sent.Select(static sent => sent.Key)];

    public string HeaderName { get; init; } = "Idempotency-Key";

    /// <summary>What happens before the n-th request is answered, counted from 1.</summary>
    public Func<int, Task<HttpStatusCode>> Answer { get; set; } = static _ => Task.FromResult(HttpStatusCode.OK);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new(await Answer(Note(request)));

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new(Answer(Note(request)).GetAwaiter().GetResult()); // this is what HttpClient.Send calls, which has no other way

    private int Note(HttpRequestMessage request)
    {
        lock (_sent)
        {
            _sent.Enqueue(($"{request.Method} {request.RequestUri}", request.Headers.TryGetValues(HeaderName, out var values) ? string.Join(",", values) : null));
            return _sent.Count;
        }
    }
}
