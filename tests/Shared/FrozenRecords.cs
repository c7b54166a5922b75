using System.Globalization;
using System.Text;
using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Testing;

/// <summary>
/// Records as format 1 has them, byte for byte, written by hand: what was stored once is an API, and every later version has to answer
/// them as this one does. And the other way round: what a later version writes is refused by this one, while both are deployed.
/// </summary>
public abstract class FrozenRecords
{
    protected const string Operation = "orders.pay";

    /// <summary>The owner of every record, and one who had it before.</summary>
    private static readonly OwnerToken s_owner = new(1, 1), s_former = new(2, 2);

    private static readonly byte[] s_fingerprint = [0xF1, 0xF2, 0xF3];

    protected abstract IIdempotencyStore Store { get; }

    [Theory]
    [InlineData("completed", "stranger", "finished: done")]
    [InlineData("completed", "owner", "finished: done")]
    [InlineData("completed", "former", "stale")]
    [InlineData("completed, with a fingerprint", "stranger", "mismatch")]
    [InlineData("completed, with a fingerprint", "stranger with it", "finished: done")]
    [InlineData("failed", "stranger", "failed: no")]
    [InlineData("released", "stranger", "granted, attempt 2")]
    [InlineData("released", "owner", "stale")]
    [InlineData("in progress", "stranger", "busy")]
    [InlineData("in progress", "owner", "granted, attempt 3")]
    [InlineData("in progress", "former", "stale")]
    [InlineData("in doubt", "stranger", "in doubt since 2026, attempt 1")]
    [InlineData("in doubt", "owner", "granted, attempt 1")]
    public async Task A_record_of_the_first_format_is_answered_as_ever(string record, string caller, string answer)
    {
        var key = IdempotencyKey.FromCanonical(Operation, Encoding.UTF8.GetBytes($"{record}, {caller}"));
        await PutAsync(key, record);
        var token = caller switch { "owner" => s_owner, "former" => s_former, _ => new OwnerToken(9, 9) };
        var request = new ClaimRequest(token, TimeSpan.FromSeconds(30), OnCrash.Hold, caller == "stranger with it" ? s_fingerprint : default);

        var claim = await Store.TryClaimAsync(key, request, CancellationToken.None);

        Assert.Equal(answer, claim switch
        {
            Claim.Finished { Outcome: var outcome } => $"{(outcome.IsFailure ? "failed" : "finished")}: {Encoding.UTF8.GetString(outcome.Payload.Span)}",
            Claim.Acquired granted => string.Create(CultureInfo.InvariantCulture, $"granted, attempt {granted.Attempt}{(granted.TakenOver ? ", taken over" : "")}"),
            Claim.InDoubt doubt => string.Create(CultureInfo.InvariantCulture, $"in doubt since {doubt.Since.Year}, attempt {doubt.Attempt}"),
            Claim.Busy => "busy",
            _ when claim == Claim.Stale => "stale",
            _ when claim == Claim.Mismatch => "mismatch",
            _ => $"{claim}",
        });
    }

    [Fact]
    public async Task A_key_that_can_only_look_records_up_claims_nothing()
    {
        var key = IdempotencyKey.FromText(Operation, new string('a', 64));

        await Assert.ThrowsAsync<ArgumentException>(() => Store.TryClaimAsync(
            key, new ClaimRequest(OwnerToken.New(), TimeSpan.FromSeconds(30), OnCrash.Retry, default), CancellationToken.None).AsTask());

        Assert.Null(await Store.GetAsync(key, CancellationToken.None));
    }

    [Fact]
    public async Task While_a_later_version_rewrites_records_an_earlier_one_runs_nothing_again()
    {
        const int Keys = 20;
        using var guard = IdempotencyGuard.Create(Store);
        var (bodies, replays, refusals) = (0, 0, 0);
        var keys = new string[Keys];
        for (var order = 0; order < Keys; order++)
        {
            await PayAsync(order);
        }

        for (var rewritten = 0; rewritten < Keys; rewritten++)
        {
            var rewriting = PutFormatAsync(IdempotencyKey.FromText(Operation, keys[rewritten]), 2);
            await Task.WhenAll(Enumerable.Range(0, Keys).Select(async order =>
            {
                try
                {
                    await PayAsync(order);
                    Interlocked.Increment(ref replays);
                }
                catch (UnreadableRecordException)
                {
                    Interlocked.Increment(ref refusals);
                }
            }));
            await rewriting;
        }

        Assert.Equal(Keys, bodies);
        Assert.InRange(replays, Keys * (Keys - 1) / 2, Keys * (Keys + 1) / 2); // what is being rewritten is one or the other
        Assert.Equal(Keys * Keys, replays + refusals);

        Task<int> PayAsync(int order) => guard.RunAsync(
            new IdempotentOperation<int>(Operation),
            $"order {order}",
            context =>
            {
                keys[order] = context.Key;
                return Task.FromResult(Interlocked.Increment(ref bodies));
            });
    }

    /// <summary>Puts a record of this name behind the store's back.</summary>
    protected abstract Task PutAsync(IdempotencyKey key, string record);

    /// <summary>Writes a number over the format of a record.</summary>
    protected abstract Task PutFormatAsync(IdempotencyKey key, int format);
}
