using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Idempotency.DynamoDb.Tests;

/// <summary>One request of the client, as it is on the wire.</summary>
/// <param name="Operation">What is asked for, such as <c>UpdateItem</c>.</param>
/// <param name="Body">The request.</param>
internal sealed record Exchange(string Operation, JsonNode Body)
{
    public string? Condition => (string?)Body["ConditionExpression"];

    /// <summary>An answer as the service would give it.</summary>
    public static HttpResponseMessage Answer(HttpStatusCode status, JsonNode body) => new(status)
    {
        Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/x-amz-json-1.0"),
    };

    /// <summary>A refusal as the service would give it.</summary>
    public static HttpResponseMessage Refusal(string type, string message, HttpStatusCode status = HttpStatusCode.BadRequest) =>
        Answer(status, new JsonObject { ["__type"] = $"com.amazonaws.dynamodb.v20120810#{type}", ["message"] = message });
}
