using Amazon.DynamoDBv2.Model;
using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.Testing;

namespace Idempotency.DynamoDb.Tests;

/// <summary>What format 1 of DynamoDB has stored, and what a later one stores.</summary>
public sealed class FrozenRecordTests : FrozenRecords
{
    private const string Owner = "00000000000000010000000000000001", Former = "00000000000000020000000000000002";
    private const string In2026 = "639028224000000000", In2200 = "693937152000000000", OfSeconds2200 = "7258118400";

    /// <summary>Each attribute by name, type and value, besides those that all have.</summary>
    private static readonly Dictionary<string, string> s_records = new()
    {
        ["completed"] = $"status:S:completed attempt:N:2 ended:S:{Former} fingerprint:B: expiresAt:N:{In2200} expiration:N:{OfSeconds2200} result:B:646F6E65",
        ["completed, with a fingerprint"] = $"status:S:completed attempt:N:1 ended:S: fingerprint:B:F1F2F3 expiresAt:N:{In2200} expiration:N:{OfSeconds2200} result:B:646F6E65",
        ["failed"] = $"status:S:failed attempt:N:1 ended:S: fingerprint:B: expiresAt:N:{In2200} expiration:N:{OfSeconds2200} result:B:6E6F",
        ["released"] = $"status:S:released attempt:N:1 ended:S: fingerprint:B: expiresAt:N:{In2200} expiration:N:{OfSeconds2200}",
        ["in progress"] = $"status:S:in-progress attempt:N:3 ended:S:{Former} fingerprint:B: lease:N:300000000 leaseVersion:N:8",
        ["in doubt"] = $"status:S:in-doubt attempt:N:1 ended:S: fingerprint:B: doubtSince:N:{In2026}",
    };

    protected override IIdempotencyStore Store { get; } = TestTable.Store();

    protected override async Task PutAsync(IdempotencyKey key, string record)
    {
        var item = new Dictionary<string, AttributeValue>
        {
            ["operation"] = new() { S = key.Operation }, ["key"] = new() { S = key.Text }, ["format"] = new() { N = "1" }, ["version"] = new() { N = "8" },
            ["fence"] = new() { N = "7" }, ["token"] = new() { S = Owner }, ["startedAt"] = new() { N = In2026 },
        };
        foreach (var attribute in s_records[record].Split(' '))
        {
            var (name, type, value) = attribute.Split(':') switch { [var n, var t, var v] => (n, t, v), _ => throw new FormatException(attribute) };
            item[name] = type switch { "S" => new() { S = value }, "N" => new() { N = value }, _ => new() { B = new MemoryStream(Convert.FromHexString(value)) } };
        }

        using var client = TestTable.Client();
        await client.PutItemAsync(new PutItemRequest { TableName = TestTable.Name, Item = item });
    }

    protected override Task PutFormatAsync(IdempotencyKey key, int format) => TestTable.DamageAsync(key, "format", new AttributeValue { N = $"{format}" });
}
