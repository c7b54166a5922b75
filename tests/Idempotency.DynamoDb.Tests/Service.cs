using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Idempotency.DynamoDb.Tests;

/// <summary>What DynamoDB does and dynalite does not: the item of a failed condition, and the setting of a time to live.</summary>
/// <param name="address">Where dynalite is.</param>
internal sealed class Service(string address) : IDisposable
{
    private readonly HttpClient _server = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly ConcurrentDictionary<string, string> _expirations = new();

    public async Task<HttpResponseMessage> SendAsync(Exchange exchange, Func<Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var table = (string?)exchange.Body["TableName"] ?? "";
        switch (exchange.Operation)
        {
            case "UpdateTimeToLive":
                _expirations[table] = (string)exchange.Body["TimeToLiveSpecification"]!["AttributeName"]!;
                return Exchange.Answer(HttpStatusCode.OK, new JsonObject { ["TimeToLiveSpecification"] = exchange.Body["TimeToLiveSpecification"]!.DeepClone() });
            case "DescribeTimeToLive":
                var isSet = _expirations.TryGetValue(table, out var attribute);
                var description = new JsonObject { ["TimeToLiveStatus"] = isSet ? "ENABLED" : "DISABLED", ["AttributeName"] = attribute };
                return Exchange.Answer(HttpStatusCode.OK, new JsonObject { ["TimeToLiveDescription"] = description });
            case "UpdateItem":
                // With everybody else away, because the item of a refusal is the one that the condition was tried on.
                await _oneAtATime.WaitAsync(cancellationToken);
                try
                {
                    return await WithItemAsync(exchange, await send(), cancellationToken);
                }
                finally
                {
                    _oneAtATime.Release();
                }

            default:
                return await send();
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task<HttpResponseMessage> WithItemAsync(Exchange exchange, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode != HttpStatusCode.BadRequest || (string?)exchange.Body["ReturnValuesOnConditionCheckFailure"] != "ALL_OLD")
        {
            return answer;
        }

        var refusal = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!;
        if (!((string)refusal["__type"]!).EndsWith("ConditionalCheckFailedException", StringComparison.Ordinal))
        {
            return Exchange.Answer(answer.StatusCode, refusal);
        }

        refusal["Item"] = (await ReadAsync(exchange, cancellationToken))?.DeepClone();
        return Exchange.Answer(answer.StatusCode, refusal);
    }

    private async Task<JsonNode?> ReadAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        var question = new JsonObject
        {
            ["TableName"] = exchange.Body["TableName"]!.DeepClone(), ["Key"] = exchange.Body["Key"]!.DeepClone(), ["ConsistentRead"] = true,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new StringContent(question.ToJsonString(), Encoding.UTF8);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-amz-json-1.0");
        request.Headers.Add("X-Amz-Target", "DynamoDB_20120810.GetItem");
        request.Headers.Add("X-Amz-Date", "20260101T000000Z");
        request.Headers.TryAddWithoutValidation(
            "Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none");
        using var answer = await _server.SendAsync(request, cancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!["Item"];
    }
}
