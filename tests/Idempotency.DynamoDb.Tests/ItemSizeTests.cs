using System.Text;
using Amazon.DynamoDBv2.Model;
using Idempotency.Storage;

namespace Idempotency.DynamoDb.Tests;

/// <summary>How large records are, by the rules that DynamoDB charges by. The documentation's figures come from here.</summary>
public sealed class ItemSizeTests
{
    [Theory]
    [InlineData("in progress", 0, 275, 295)]
    [InlineData("completed", 0, 290, 305)]
    [InlineData("completed", 100, 390, 405)]
    [InlineData("completed", 10_000, 10_290, 10_305)]
    [InlineData("released", 0, 280, 300)]
    public async Task A_record_has_the_size_that_is_documented(string state, int outcome, int least, int most)
    {
        var store = TestTable.Store(TimeProvider.System);
        var key = TestTable.NewKey();
        var token = OwnerToken.New();
        var claim = await store.TryClaimAsync(key, new ClaimRequest(token, TimeSpan.FromSeconds(30), OnCrash.Retry, new byte[32]), default);
        var owner = new Ownership(token, Assert.IsType<Claim.Acquired>(claim).Fence);
        if (state == "completed")
        {
            await store.CompleteAsync(key, owner, new StoredOutcome(false, new byte[outcome]), TimeSpan.FromDays(1), default);
        }
        else if (state == "released")
        {
            await store.ReleaseAsync(key, owner, default);
        }

        Assert.InRange(SizeOf(await TestTable.ItemAsync(key)), least, most);
    }

    /// <summary>Names and values; a number takes a byte for two digits that are not zeros at an end, and one more.</summary>
    private static int SizeOf(Dictionary<string, AttributeValue> item) => item.Sum(static attribute =>
        Encoding.UTF8.GetByteCount(attribute.Key)
        + (attribute.Value.S is { } text ? Encoding.UTF8.GetByteCount(text)
            : attribute.Value.N is { } number ? ((number.Trim('0').Length + 1) / 2) + 1
            : (int)attribute.Value.B.Length));
}
