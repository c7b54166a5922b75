using System.Net;
using Amazon;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Idempotency.Keys;
using Idempotency.Storage;
using Idempotency.TestServers;

namespace Idempotency.DynamoDb.Tests;

/// <summary>What is wrong is said in words, with what to do; and nothing hangs.</summary>
public sealed class FailureTests
{
    private readonly IdempotencyKey _key = TestTable.NewKey();

    [Theory]
    [InlineData("UnrecognizedClientException", "The security token included in the request is invalid.", "does not accept the credentials")]
    [InlineData("InvalidSignatureException", "Signature expired.", "if this machine's clock is right")]
    [InlineData("AccessDeniedException", "User is not authorized.", "The store needs dynamodb:GetItem and dynamodb:UpdateItem")]
    [InlineData("ResourceNotFoundException", "Requested resource not found", "There is no table 'records' at http://127.0.0.1")]
    [InlineData("ProvisionedThroughputExceededException", "The level of configured provisioned throughput was exceeded.", "is throttled")]
    [InlineData("ThrottlingException", "Rate exceeded", "is throttled")]
    [InlineData("ValidationException", "The provided key element does not match the schema", "has other keys than the store's")]
    public async Task What_the_service_refuses_is_explained(string type, string message, string expected)
    {
        var wire = new Wire { Instead = _ => Exchange.Refusal(type, message) };
        var store = new DynamoDbStore(TestTable.Client(wire, repetitions: 0), new DynamoDbStoreOptions { TableName = TestTable.Name });

        var failure = await Assert.ThrowsAnyAsync<Exception>(async () => await ClaimAsync(store));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Equal(expected != "is throttled", failure is StoreRefusedException); // what passes is tried again
        Assert.IsAssignableFrom<AmazonServiceException>(failure is StoreRefusedException ? failure.InnerException!.InnerException : failure.InnerException);
    }

    [Fact]
    public async Task A_throttled_request_is_sent_again()
    {
        var refused = 0;
        var wire = new Wire();
        wire.Instead = _ => Interlocked.Increment(ref refused) <= 2 ? Exchange.Refusal("ProvisionedThroughputExceededException", "Slow down.") : null;

        Assert.IsType<Claim.Acquired>(await ClaimAsync(TestTable.Store(wire: wire)));
        Assert.Equal(3, wire.Seen.Count);
    }

    [Fact]
    public async Task A_missing_table_is_named()
    {
        var store = TestTable.Store(configure: static options => options.TableName = "nowhere");

        var failure = await Assert.ThrowsAnyAsync<InvalidOperationException>(async () => await store.GetAsync(_key, default));

        Assert.StartsWith("There is no table 'nowhere'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("EnsureTableAsync", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_where_nobody_listens_is_named()
    {
        var address = $"http://127.0.0.1:{LoopbackPort.Free()}";
        var store = new DynamoDbStore(TestTable.Client(address: address, repetitions: 0));

        var failure = await Assert.ThrowsAsync<IOException>(async () => await ClaimAsync(store));

        Assert.StartsWith($"DynamoDB could not be reached at {address}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_credentials_are_told_from_wrong_ones()
    {
        using var client = new AmazonDynamoDBClient(new NoCredentials(), new AmazonDynamoDBConfig { RegionEndpoint = RegionEndpoint.EUWest1, MaxErrorRetry = 0 });

        var failure = await Assert.ThrowsAsync<StoreRefusedException>(async () => await ClaimAsync(new DynamoDbStore(client)));

        Assert.Contains("No AWS credentials were found.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_hangs_hangs_no_call()
    {
        using var server = await DynaliteServer.StartAsync();
        using var client = TestTable.Client(address: server.Address);
        await TestTable.CreateAsync(client, TestTable.Name);
        var store = new DynamoDbStore(client, new DynamoDbStoreOptions { TableName = TestTable.Name, CommandTimeout = TimeSpan.FromMilliseconds(200) });
        var owner = new Ownership(OwnerToken.New(), 1);
        var outcome = new StoredOutcome(false, default);
        server.Process.Stop();

        Func<Task>[] calls =
        [
            () => ClaimAsync(store),
            () => store.RenewAsync(_key, owner, TimeSpan.FromSeconds(30), default).AsTask(),
            () => store.CompleteAsync(_key, owner, outcome, TimeSpan.FromHours(1), default).AsTask(),
            () => store.ReleaseAsync(_key, owner, default).AsTask(),
            () => store.AbandonAsync(_key, owner.Token, default).AsTask(),
            () => store.GetAsync(_key, default).AsTask(),
            () => store.ResolveAsync(_key, 1, null, TimeSpan.FromHours(1), default).AsTask(),
            () => store.EnsureTableAsync(),
        ];
        foreach (var call in calls)
        {
            var failure = await Assert.ThrowsAsync<TimeoutException>(() => call().WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.StartsWith("DynamoDB gave no answer for 0.2 s", failure.Message, StringComparison.Ordinal);
        }

        await store.WaitAsync(_key, 1, TimeSpan.FromMilliseconds(100), default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        server.Process.Continue();
    }

    [Fact]
    public async Task A_client_that_blocks_its_caller_does_not_block_the_stores()
    {
        using var released = new ManualResetEventSlim();
        var wire = new Wire { Instead = _ => Wait() };
        var store = TestTable.Store(wire: wire, configure: static options => options.CommandTimeout = TimeSpan.FromMilliseconds(200));

        var call = store.RenewAsync(_key, new Ownership(OwnerToken.New(), 1), TimeSpan.FromSeconds(30), default).AsTask();

        await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(TimeSpan.FromSeconds(30)));
        released.Set();

        HttpResponseMessage? Wait()
        {
            released.Wait();
            return Exchange.Answer(HttpStatusCode.OK, new System.Text.Json.Nodes.JsonObject());
        }
    }

    [Fact]
    public async Task An_outcome_that_no_item_can_hold_is_refused_before_anything_is_sent()
    {
        var wire = new Wire();
        var store = TestTable.Store(wire: wire);
        var owner = new Ownership(OwnerToken.New(), 1);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await store.CompleteAsync(_key, owner, new StoredOutcome(false, new byte[ItemSize.Most]), TimeSpan.FromHours(1), default));

        Assert.Contains("MaxResultBytes", failure.Message, StringComparison.Ordinal);
        Assert.Empty(wire.Seen);
    }

    [Fact]
    public async Task The_largest_outcome_that_is_let_through_fits_beside_everything_else()
    {
        var key = IdempotencyKey.FromCanonical(new string('o', 2000), Guid.NewGuid().ToByteArray());
        var store = TestTable.Store();
        var token = OwnerToken.New();
        var request = new ClaimRequest(token, TimeSpan.FromSeconds(30), OnCrash.Retry, new byte[32]);
        var owner = new Ownership(token, Assert.IsType<Claim.Acquired>(await store.TryClaimAsync(key, request, default)).Fence);
        for (var i = 0; i < 9; i++)
        {
            await store.AbandonAsync(key, OwnerToken.New(), default);
        }

        var outcome = new StoredOutcome(false, new byte[ItemSize.Most - 1024 - 2000]);
        Assert.Equal(OwnerAnswer.Accepted, await store.CompleteAsync(key, owner, outcome, TimeSpan.FromHours(1), default));
    }

    [Theory]
    [InlineData("format", "2", "it has format 2")]
    [InlineData("format", null, "its attribute 'format' is missing")]
    [InlineData("status", "lost", "its status is 'lost'")]
    [InlineData("version", null, "its attribute 'version' is missing")]
    [InlineData("lease", null, "its attribute 'lease' is missing")]
    [InlineData("fingerprint", null, "its attribute 'fingerprint' is missing")]
    [InlineData("startedAt", "-1", "its attribute 'startedAt' is no moment")]
    public async Task A_record_that_cannot_be_read_is_never_absent(string attribute, string? value, string expected)
    {
        var store = TestTable.Store();
        await ClaimAsync(store);
        await TestTable.DamageAsync(_key, attribute, value is null ? null : attribute == "status" ? new AttributeValue { S = value } : new AttributeValue { N = value });

        Assert.Contains(expected, Assert.IsType<Claim.Unreadable>(await ClaimAsync(store)).Reason, StringComparison.Ordinal);
        Assert.Contains(expected, (await Assert.ThrowsAsync<InvalidDataException>(async () => await store.GetAsync(_key, default))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await store.AbandonAsync(_key, OwnerToken.New(), default));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await store.ResolveAsync(_key, 1, null, TimeSpan.FromHours(1), default));
    }

    [Fact]
    public async Task Reads_are_consistent_and_nothing_of_a_key_is_in_an_expression()
    {
        var wire = new Wire();
        var store = TestTable.Store(new SteppedTime(), wire);
        var owner = new Ownership(OwnerToken.New(), 1);
        await ClaimAsync(store);
        var version = (await store.GetAsync(_key, default))!.Version;
        await store.AbandonAsync(_key, OwnerToken.New(), default);
        await store.CompleteAsync(_key, owner, new StoredOutcome(false, default), TimeSpan.FromHours(1), default);
        await store.WaitAsync(_key, version - 1, TimeSpan.FromHours(1), default);

        Assert.All(wire.Seen.Where(static seen => seen.Operation == "GetItem"), static seen => Assert.True((bool)seen.Body["ConsistentRead"]!));
        Assert.True(wire.Seen.Count(static seen => seen.Operation == "GetItem") >= 4);
        Assert.All(wire.Seen.Where(static seen => seen.Operation == "UpdateItem"), seen =>
        {
            Assert.Equal("ALL_OLD", (string?)seen.Body["ReturnValuesOnConditionCheckFailure"]);
            var expressions = (string)seen.Body["UpdateExpression"]! + seen.Condition;
            Assert.Matches(@"^[\w#:=,.()+ ]+$", expressions.Replace(" IN ", " ", StringComparison.Ordinal));
            Assert.DoesNotContain(_key.Text, expressions, StringComparison.Ordinal);
            Assert.DoesNotContain("charge", expressions, StringComparison.Ordinal);
        });
    }

    private async Task<Claim> ClaimAsync(DynamoDbStore store) =>
        await store.TryClaimAsync(_key, new ClaimRequest(OwnerToken.New(), TimeSpan.FromSeconds(30), OnCrash.Retry, default), default);

    private sealed class NoCredentials : AWSCredentials
    {
        public override ImmutableCredentials GetCredentials() => throw new AmazonClientException("Failed to resolve AWS credentials.");
    }
}
