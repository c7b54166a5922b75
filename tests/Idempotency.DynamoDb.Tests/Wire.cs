using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Amazon.Runtime;

namespace Idempotency.DynamoDb.Tests;

/// <summary>Between a client and its server: sees every request, and can answer instead of the server or lose its answer.</summary>
internal sealed class Wire(Service? service = null) : HttpClientFactory
{
    private readonly ConcurrentQueue<Exchange> _seen = new();

    /// <summary>Every request so far, repetitions by the client included.</summary>
    public IReadOnlyList<Exchange> Seen => [.. _seen];

    /// <summary>Answers instead of the server, which does not get the request.</summary>
    public Func<Exchange, HttpResponseMessage?> Instead { get; set; } = static _ => null;

    /// <summary>Whether the server's answer is lost, after it has done what it was asked for.</summary>
    public Func<Exchange, bool> LosesAnswer { get; set; } = static _ => false;

    public void Forget() => _seen.Clear();

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
        new(new Handler(this, service) { InnerHandler = new SocketsHttpHandler() }) { Timeout = Timeout.InfiniteTimeSpan };

    public override string GetConfigUniqueString(IClientConfig clientConfig) => Guid.NewGuid().ToString();

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    private sealed class Handler(Wire wire, Service? service) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var operation = request.Headers.GetValues("X-Amz-Target").Single().Split('.')[1];
            var exchange = new Exchange(operation, JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!);
            wire._seen.Enqueue(exchange);
            var answer = wire.Instead(exchange)
                ?? (service is null
                    ? await base.SendAsync(request, cancellationToken)
                    : await service.SendAsync(exchange, () => base.SendAsync(request, cancellationToken), cancellationToken));
            return wire.LosesAnswer(exchange)
                ? Exchange.Refusal("InternalServerError", "The answer was lost.", System.Net.HttpStatusCode.InternalServerError)
                : answer;
        }
    }
}
