using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing.Tests.History;

/// <summary>Histories whose verdict a person knows. Times are in ticks.</summary>
public sealed class HandMadeHistoryTests
{
    private const long Lease = 100, Retention = 1000, Tombstone = 500;

    private static readonly IdempotencyKey s_key = IdempotencyKey.FromCanonical("tests.charge", "key"u8);
    private static readonly OwnerToken s_a = new(1, 1), s_b = new(2, 2), s_c = new(3, 3);

    private readonly StoreHistory _history = new();

    [Fact]
    public void A_call_that_runs_completes_and_is_replayed()
    {
        Claims(0, 1, s_a, Granted(1));
        Claims(2, 3, s_b, Busy());
        Completes(4, 5, s_a, 1, "done", OwnerAnswer.Accepted);
        Claims(6, 7, s_b, Finished("done"));

        AssertLinearizable();
    }

    [Fact]
    public void Calls_at_the_same_time_may_take_effect_in_any_order()
    {
        Claims(0, 10, s_b, Busy());
        Claims(1, 9, s_a, Granted(1));
        Completes(11, 30, s_a, 1, "done", OwnerAnswer.Accepted);
        Claims(12, 13, s_b, Finished("done"));
        Claims(14, 15, s_c, Finished("done"));

        AssertLinearizable();
    }

    [Fact]
    public void What_was_seen_to_have_ended_cannot_run_again()
    {
        Claims(0, 1, s_a, Granted(1));
        Completes(2, 30, s_a, 1, "done", OwnerAnswer.Accepted);
        Claims(3, 4, s_b, Finished("done"));
        Claims(5, 6, s_c, Busy());

        AssertBroken();
    }

    [Fact]
    public void Two_owners_at_once_are_one_too_many()
    {
        Claims(0, 10, s_a, Granted(1));
        Claims(0, 10, s_b, Granted(2));

        AssertBroken();
    }

    [Fact]
    public void Nobody_is_busy_before_anybody_has_begun()
    {
        Claims(0, 1, s_b, Busy());
        Claims(2, 3, s_a, Granted(1));

        AssertBroken();
    }

    [Theory]
    [InlineData(99, 99, false)] // 100 ticks after the earliest moment at which the lease can have been granted
    [InlineData(99, 100, true)]
    [InlineData(105, 106, true)]
    public void A_key_is_taken_over_only_when_the_lease_may_be_over(long called, long returned, bool isLinearizable)
    {
        Claims(0, 10, s_a, Granted(1));
        Claims(called, returned, s_b, Granted(2, attempt: 2, takenOver: true));

        AssertIs(isLinearizable);
    }

    [Theory]
    [InlineData(109, 200, true)]
    [InlineData(110, 200, false)] // 100 ticks after the latest moment at which it can have been granted
    public void A_key_is_busy_only_while_the_lease_may_last(long called, long returned, bool isLinearizable)
    {
        Claims(0, 10, s_a, Granted(1));
        Claims(called, returned, s_b, Busy());

        AssertIs(isLinearizable);
    }

    [Fact]
    public void Between_clocks_that_differ_there_is_a_tolerance()
    {
        Claims(0, 0, s_a, Granted(1));
        Claims(95, 95, s_b, Granted(2, attempt: 2, takenOver: true));

        Assert.Equal(LinearizabilityVerdict.NotLinearizable, Checker(tolerance: 4).Check(_history).Verdict);
        Assert.Equal(LinearizabilityVerdict.Linearizable, Checker(tolerance: 5).Check(_history).Verdict);
    }

    [Fact]
    public void A_renewal_and_a_repeated_claim_make_the_lease_last()
    {
        Claims(0, 1, s_a, Granted(1));
        Renews(90, 91, s_a, 1, OwnerAnswer.Accepted);
        Claims(180, 181, s_a, Granted(1));
        Claims(270, 271, s_b, Busy());

        AssertLinearizable();
    }

    [Fact]
    public void A_lease_of_zero_ends_at_once()
    {
        Claims(0, 1, s_a, Granted(1));
        Renews(2, 3, s_a, 1, OwnerAnswer.Accepted, lease: 0);
        Claims(4, 5, s_b, Granted(2, attempt: 2, takenOver: true));

        AssertLinearizable();
    }

    [Fact]
    public void Doubt_stays_until_the_owner_comes_back()
    {
        Claims(0, 1, s_a, Granted(1));
        Claims(150, 151, s_b, new Claim.InDoubt(1, default), OnCrash.Hold);
        Claims(5000, 5001, s_c, new Claim.InDoubt(1, default), OnCrash.Retry);
        Completes(5002, 5003, s_a, 1, "late", OwnerAnswer.Accepted);
        Claims(5004, 5005, s_b, Finished("late"), OnCrash.Hold);

        AssertLinearizable();
    }

    [Fact]
    public void A_take_over_under_hold_is_none()
    {
        Claims(0, 1, s_a, Granted(1));
        Claims(150, 151, s_b, Granted(2, attempt: 2, takenOver: true), OnCrash.Hold);

        AssertBroken();
    }

    [Fact]
    public void An_owner_that_was_taken_over_completes_nothing()
    {
        Claims(0, 1, s_a, Granted(1));
        Claims(150, 151, s_b, Granted(2, attempt: 2, takenOver: true));
        Completes(152, 153, s_a, 1, "late", OwnerAnswer.Accepted);

        AssertBroken();
    }

    [Fact]
    public void A_completion_is_not_refused_because_the_lease_is_over()
    {
        Claims(0, 1, s_a, Granted(1));
        Completes(500, 501, s_a, 1, "late", OwnerAnswer.Fenced);

        AssertBroken();
    }

    [Fact]
    public void What_came_back_is_what_was_stored()
    {
        Claims(0, 1, s_a, Granted(1));
        Completes(2, 3, s_a, 1, "done", OwnerAnswer.Accepted);
        Claims(4, 5, s_b, Finished("something else"));

        AssertBroken();
    }

    [Theory]
    [InlineData(1002, true)]
    [InlineData(1001, false)]
    public void An_outcome_is_gone_only_when_its_retention_may_be_over(long at, bool isLinearizable)
    {
        Claims(0, 1, s_a, Granted(1));
        Completes(2, 3, s_a, 1, "done", OwnerAnswer.Accepted);
        Claims(at, at, s_b, Granted(2));

        AssertIs(isLinearizable);
    }

    [Fact]
    public void A_released_token_stays_ended()
    {
        Claims(0, 1, s_a, Granted(1));
        Writes(StoreOperation.Release, 2, 3, s_a, 1, OwnerAnswer.Accepted);
        Claims(4, 5, s_a, Granted(2, attempt: 2));

        AssertBroken();
    }

    [Fact]
    public void A_claim_without_an_answer_may_have_been_granted_later_or_never()
    {
        Claims(0, null, s_a, null);
        Claims(1, 2, s_b, Granted(1));
        Writes(StoreOperation.Release, 3, 4, s_b, 1, OwnerAnswer.Accepted);
        Claims(5, 6, s_c, Busy(attempt: 2)); // the first claim arrived at last

        AssertLinearizable();
    }

    [Fact]
    public void A_claim_without_an_answer_is_no_excuse_for_another_owner()
    {
        Claims(0, null, s_a, null);
        Claims(1, 2, s_b, Granted(1));
        Claims(3, 4, s_c, Granted(2, attempt: 2));

        AssertBroken();
    }

    [Fact]
    public void A_repetition_hears_of_the_fence_that_the_lost_answer_told()
    {
        Claims(0, null, s_a, null);
        Claims(1, 2, s_b, Busy());
        Claims(3, 4, s_a, Granted(7));
        Completes(5, null, s_a, 7, "done", null);
        Claims(6, 7, s_b, Finished("done"));
        Completes(8, 9, s_a, 7, "done", OwnerAnswer.Accepted);

        AssertLinearizable();
    }

    [Fact]
    public void Fences_that_go_back_are_seen_in_one_key_and_over_many()
    {
        Claims(0, 1, s_a, Granted(5));
        Claims(2, 3, s_b, Granted(4), key: IdempotencyKey.FromCanonical("tests.charge", "other"u8));

        Assert.Contains("was granted with fence 4 after", AssertBroken().Report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fence_is_granted_once()
    {
        Claims(0, 10, s_a, Granted(5));
        Claims(0, 10, s_b, Granted(5), key: IdempotencyKey.FromCanonical("tests.charge", "other"u8));

        Assert.Contains("Fence 5 was granted to 2 owners", AssertBroken().Report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_names_the_key_and_shows_what_cannot_be()
    {
        Claims(0, 1, s_a, Granted(1));
        Claims(2, 3, s_b, Busy());
        Claims(4, 5, s_c, Granted(2, attempt: 2));

        var result = AssertBroken();

        Assert.Equal(s_key, result.Key);
        Assert.Contains("lead to: InProgress, fence 1, attempt 1, lease ends 10.0 µs to 10.1 µs", result.Report, StringComparison.Ordinal);
        Assert.Contains("0.4 µs to 0.5 µs: claim as 000000, lease 00:00:00.0000100, Retry -> Acquired { Fence = 2, Attempt = 2", result.Report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_that_is_given_up_proves_nothing_and_says_so()
    {
        Claims(0, 1, s_a, Granted(1));
        Claims(2, 3, s_b, Busy());

        var result = new LinearizabilityChecker { MaxSteps = 1 }.Check(_history);

        Assert.Equal(LinearizabilityVerdict.Undetermined, result.Verdict);
        Assert.Equal(s_key, result.Key);
    }

    private static Claim.Acquired Granted(long fence, int attempt = 1, bool takenOver = false) => new(fence, attempt, takenOver);

    private static Claim.Busy Busy(int attempt = 1) => new(attempt, TimeSpan.FromTicks(1), 1);

    private static Claim.Finished Finished(string text) => new(Outcome(text));

    private static StoredOutcome Outcome(string text) => new(isFailure: false, System.Text.Encoding.UTF8.GetBytes(text));

    private static LinearizabilityChecker Checker(long tolerance = 0) =>
        new() { Tolerance = TimeSpan.FromTicks(tolerance), TombstoneRetention = TimeSpan.FromTicks(Tombstone) };

    private void Claims(long called, long? returned, OwnerToken token, Claim? answer, OnCrash onCrash = OnCrash.Retry, IdempotencyKey? key = null) =>
        Add(new HistoryEntry
        {
            Key = key ?? s_key,
            Operation = StoreOperation.Claim,
            CalledAt = TimeSpan.FromTicks(called),
            ReturnedAt = At(returned),
            Token = token,
            Duration = TimeSpan.FromTicks(Lease),
            OnCrash = onCrash,
            Claim = answer,
        });

    private void Completes(long called, long? returned, OwnerToken token, long fence, string outcome, OwnerAnswer? answer) =>
        Add(Write(StoreOperation.Complete, called, returned, token, fence, answer) with { Outcome = Outcome(outcome), Duration = TimeSpan.FromTicks(Retention) });

    private void Renews(long called, long? returned, OwnerToken token, long fence, OwnerAnswer? answer, long lease = Lease) =>
        Add(Write(StoreOperation.Renew, called, returned, token, fence, answer) with { Duration = TimeSpan.FromTicks(lease) });

    private void Writes(StoreOperation write, long called, long? returned, OwnerToken token, long fence, OwnerAnswer? answer) =>
        Add(Write(write, called, returned, token, fence, answer));

    private static HistoryEntry Write(StoreOperation write, long called, long? returned, OwnerToken token, long fence, OwnerAnswer? answer) => new()
    {
        Key = s_key,
        Operation = write,
        CalledAt = TimeSpan.FromTicks(called),
        ReturnedAt = At(returned),
        Token = token,
        Fence = fence,
        OwnerAnswer = answer,
    };

    private static TimeSpan? At(long? ticks) => ticks is { } known ? TimeSpan.FromTicks(known) : null;

    private void Add(HistoryEntry entry) => _history.Add(entry);

    private void AssertIs(bool isLinearizable)
    {
        var result = Checker().Check(_history);
        Assert.True(isLinearizable == (result.Verdict == LinearizabilityVerdict.Linearizable), result.ToString());
    }

    private void AssertLinearizable() => AssertIs(isLinearizable: true);

    private LinearizabilityResult AssertBroken()
    {
        var result = Checker().Check(_history);
        Assert.Equal(LinearizabilityVerdict.NotLinearizable, result.Verdict);
        return result;
    }
}
