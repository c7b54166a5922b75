using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.DynamoDb.Tests;

/// <summary>DynamoDB deletes late, at times days late, so that what has expired is still there when it is asked for.</summary>
public sealed class ExpiryTests
{
    private static readonly TimeSpan s_retention = TimeSpan.FromHours(1);

    private readonly SteppedTime _time = new();
    private readonly IdempotencyKey _key = TestTable.NewKey();

    [Fact]
    public async Task What_has_expired_is_as_if_it_had_been_deleted()
    {
        var store = TestTable.Store(_time);
        var owner = await CompleteAsync(store);
        _time.Advance(s_retention);

        Assert.NotEmpty(await TestTable.ItemAsync(_key));
        Assert.Null(await store.GetAsync(_key, default));
        Assert.Equal(OwnerAnswer.Fenced, await store.CompleteAsync(_key, owner, new StoredOutcome(false, default), s_retention, default));
        Assert.Equal(1, Assert.IsType<Claim.Acquired>(await ClaimAsync(store)).Attempt);
    }

    [Fact]
    public async Task Only_a_record_that_has_ended_may_be_deleted()
    {
        var store = TestTable.Store(_time);
        var owner = await AcquireAsync(store);
        Assert.False((await TestTable.ItemAsync(_key)).ContainsKey("expiration"));
        await store.ReleaseAsync(_key, owner, default);
        Assert.True((await TestTable.ItemAsync(_key)).ContainsKey("expiration"));
        owner = await AcquireAsync(store);
        Assert.False((await TestTable.ItemAsync(_key)).ContainsKey("expiration"));
        await store.CompleteAsync(_key, owner, new StoredOutcome(false, "result"u8.ToArray()), s_retention, default);
        Assert.True((await TestTable.ItemAsync(_key)).ContainsKey("expiration"));
        _time.Advance(s_retention);
        await ClaimAsync(store);

        var item = await TestTable.ItemAsync(_key);
        Assert.DoesNotContain(item.Keys, static name => name is "expiration" or "expiresAt" or "result" or "doubtSince");
    }

    [Fact]
    public async Task It_may_be_deleted_some_whole_seconds_after_its_end_and_never_before()
    {
        var before = _time.GetUtcNow();
        await CompleteAsync(TestTable.Store(_time));

        var item = await TestTable.ItemAsync(_key);
        var expiration = DateTimeOffset.FromUnixTimeSeconds(long.Parse(item["expiration"].N, CultureInfo.InvariantCulture));
        Assert.InRange(expiration, before + s_retention + TimeSpan.FromMinutes(15), before + s_retention + TimeSpan.FromHours(1));
        Assert.True(expiration.UtcTicks >= long.Parse(item["expiresAt"].N, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_late_copy_of_the_first_claim_finds_the_expired_record_and_revives_nothing()
    {
        var wire = new Wire();
        var store = TestTable.Store(_time, wire);
        await CompleteAsync(store);
        var claim = wire.Seen.First(static seen => seen.Operation == "UpdateItem").Body;
        _time.Advance(s_retention);

        using var client = TestTable.Client();
        var late = new UpdateItemRequest
        {
            TableName = TestTable.Name,
            Key = RecordKey.Of(_key).ToItem(),
            UpdateExpression = (string)claim["UpdateExpression"]!,
            ConditionExpression = (string)claim["ConditionExpression"]!,
            ExpressionAttributeNames = claim["ExpressionAttributeNames"]!.AsObject().ToDictionary(static pair => pair.Key, static pair => (string)pair.Value!),
            ExpressionAttributeValues = claim["ExpressionAttributeValues"]!.AsObject().ToDictionary(static pair => pair.Key, static pair => ValueOf(pair.Value!)),
        };

        await Assert.ThrowsAsync<ConditionalCheckFailedException>(() => client.UpdateItemAsync(late));
    }

    [Fact]
    public async Task A_clock_that_is_ahead_forgets_nothing_early_as_long_as_it_is_allowed_for()
    {
        var skew = TimeSpan.FromSeconds(5);
        var store = TestTable.Store(_time, configure: options => options.ClockSkew = skew);
        await CompleteAsync(store);

        _time.Advance(s_retention + skew - TimeSpan.FromSeconds(1));
        Assert.IsType<Claim.Finished>(await ClaimAsync(store));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<Claim.Acquired>(await ClaimAsync(store));
    }

    [Fact]
    public async Task A_key_whose_item_was_deleted_gets_a_larger_fence()
    {
        var store = TestTable.Store(_time);
        var owner = await CompleteAsync(store);
        await TestTable.DeleteAsync(_key);

        var next = await AcquireAsync(TestTable.Store(_time));

        Assert.True(next.Fence > owner.Fence);
    }

    [Fact]
    public async Task Purging_reads_nothing_because_DynamoDB_deletes_by_itself()
    {
        var wire = new Wire();
        var store = TestTable.Store(_time, wire);
        await CompleteAsync(store);
        _time.Advance(s_retention);
        wire.Forget();

        Assert.Equal(0, await store.PurgeAsync(100, default));
        Assert.Empty(wire.Seen);
    }

    private static AttributeValue ValueOf(JsonNode value) => value["N"] is { } number ? new AttributeValue { N = (string)number! }
        : value["S"] is { } text ? new AttributeValue { S = (string)text! }
        : new AttributeValue { B = new MemoryStream(Convert.FromBase64String((string)value["B"]!)) };

    private async Task<Claim> ClaimAsync(DynamoDbStore store, OwnerToken? token = null) =>
        await store.TryClaimAsync(_key, new ClaimRequest(token ?? OwnerToken.New(), TimeSpan.FromSeconds(30), OnCrash.Retry, default), default);

    private async Task<Ownership> AcquireAsync(DynamoDbStore store)
    {
        var token = OwnerToken.New();
        return new Ownership(token, Assert.IsType<Claim.Acquired>(await ClaimAsync(store, token)).Fence);
    }

    private async Task<Ownership> CompleteAsync(DynamoDbStore store)
    {
        var owner = await AcquireAsync(store);
        await store.CompleteAsync(_key, owner, new StoredOutcome(false, "first"u8.ToArray()), s_retention, default);
        return owner;
    }
}
