using System.Globalization;

namespace Idempotency.Testing.Tests.BrokenStores;

/// <summary>The contract bites: for every mistake that a store can make there is a fact that fails.</summary>
public sealed class BrokenStoreTests
{
    /// <summary>Every flaw, and the fact that is named for it.</summary>
    private static readonly Dictionary<Flaw, string> s_named = new()
    {
        [Flaw.CompletionIsNotChecked] = nameof(StoreContract.An_attempt_that_was_taken_over_can_write_nothing_any_more),
        [Flaw.ReleaseIsNotChecked] = nameof(StoreContract.An_owner_that_lost_its_record_changes_nothing_any_more),
        [Flaw.RenewalIsNotChecked] = nameof(StoreContract.Only_the_owner_changes_a_record_and_may_repeat_itself),
        [Flaw.ClaimIsNotRecognised] = nameof(StoreContract.A_call_whose_answer_was_lost_may_be_sent_again),
        [Flaw.LeaseNeverEnds] = nameof(StoreContract.A_lease_ends_when_its_time_is_over_or_lasts_as_long_as_its_owner),
        [Flaw.LeaseLastsAsLongAsItsOwner] = nameof(StoreContract.A_lease_ends_when_its_time_is_over_or_lasts_as_long_as_its_owner),
        [Flaw.ClaimLooksAndThenTakes] = nameof(StoreContract.One_of_many_simultaneous_claims_is_granted),
        [Flaw.RecordExpiresWithItsLease] = nameof(StoreContract.What_is_in_progress_or_in_doubt_never_expires),
        [Flaw.CompletionNeedsTheLease] = nameof(StoreContract.Only_the_owner_changes_a_record_and_may_repeat_itself),
        [Flaw.RetentionStartsWithTheClaim] = nameof(StoreContract.Retention_is_counted_from_completion_however_long_the_body_ran),
        [Flaw.ReleaseDeletes] = nameof(StoreContract.A_freed_key_remembers_its_ended_tokens_until_the_tombstone_is_over),
        [Flaw.CompletionOfDoubtIsRefused] = nameof(StoreContract.Only_the_owner_changes_a_record_and_may_repeat_itself),
        [Flaw.FenceIsPerRecord] = nameof(StoreContract.Fences_grow_over_all_keys_and_survive_deletion),
        [Flaw.EndedTokensAreForgotten] = nameof(StoreContract.An_ended_token_is_stale_in_every_live_situation),
        [Flaw.OneEndedTokenIsRemembered] = nameof(StoreContract.The_last_eight_ended_tokens_are_remembered),
        [Flaw.AbandonNeedsARecord] = nameof(StoreContract.The_tombstone_of_an_abandoned_claim_lets_others_in_and_ends),
        [Flaw.HoldIsRetry] = nameof(StoreContract.A_claim_is_answered_by_the_table),
        [Flaw.RetryIsHold] = nameof(StoreContract.A_claim_is_answered_by_the_table),
        [Flaw.DoubtIsNotKept] = nameof(StoreContract.A_claim_is_answered_by_the_table),
        [Flaw.FingerprintIsIgnored] = nameof(StoreContract.Another_fingerprint_is_a_mismatch_in_every_state_that_has_one),
        [Flaw.TakeOverLosesTheFingerprint] = nameof(StoreContract.A_take_over_keeps_the_fingerprint),
        [Flaw.FingerprintsAreComparedAsPrefixes] = nameof(StoreContract.Fingerprints_are_compared_whole),
        [Flaw.PurgeRemovesWhatRuns] = nameof(StoreContract.Purging_removes_only_what_has_expired),
        [Flaw.PurgeIsUnbounded] = nameof(StoreContract.Purging_removes_no_more_than_it_is_told),
        [Flaw.RepeatedCompletionIsRefused] = nameof(StoreContract.A_call_whose_answer_was_lost_may_be_sent_again),
        [Flaw.RepeatedCompletionReplaces] = nameof(StoreContract.A_repeated_completion_changes_neither_outcome_nor_retention),
        [Flaw.RepeatedReleaseIsRefused] = nameof(StoreContract.A_release_may_be_repeated_however_many_other_tokens_ended_since),
        [Flaw.WaitersAreNotWoken] = nameof(StoreContract.Waiters_are_woken_by_what_ends_the_attempt),
        [Flaw.WaitsAreEndless] = nameof(StoreContract.A_waiter_returns_at_its_timeout),
        [Flaw.WaitsDoNotWait] = nameof(StoreContract.A_wait_does_not_end_at_once_while_an_owner_runs),
        [Flaw.PayloadIsText] = nameof(StoreContract.An_outcome_comes_back_byte_for_byte),
        [Flaw.PayloadIsCut] = nameof(StoreContract.An_outcome_comes_back_byte_for_byte),
        [Flaw.FailureIsAResult] = nameof(StoreContract.An_outcome_comes_back_byte_for_byte),
        [Flaw.RenewalKeepsTheVersion] = nameof(StoreContract.Every_change_of_a_record_raises_its_version),
        [Flaw.ResolutionIgnoresTheVersion] = nameof(StoreContract.A_resolution_of_an_older_version_changes_nothing),
        [Flaw.ResolutionIgnoresTheLease] = nameof(StoreContract.Only_doubt_or_a_lease_that_is_over_can_be_resolved),
        [Flaw.ResolutionLeavesTheOwner] = nameof(StoreContract.Only_doubt_or_a_lease_that_is_over_can_be_resolved),
        [Flaw.KeysAreLowerCased] = nameof(StoreContract.Odd_keys_are_kept_apart),
        [Flaw.KeysAreCut] = nameof(StoreContract.Odd_keys_are_kept_apart),
        [Flaw.LeaseIsOfTheWallClock] = nameof(StoreContract.A_jump_of_the_wall_clock_frees_no_running_key),
        [Flaw.CancellationIsIgnored] = nameof(StoreContract.A_call_that_is_cancelled_already_changes_nothing),
        [Flaw.ZeroLeaseIsTheDefault] = nameof(StoreContract.A_renewal_with_a_lease_of_zero_ends_it_at_once),
        [Flaw.RetentionIsATickTooLong] = nameof(StoreContract.An_outcome_is_there_until_its_retention_is_over_and_then_no_more),
        [Flaw.LeaseIsATickTooShort] = nameof(StoreContract.A_lease_ends_when_its_time_is_over_or_lasts_as_long_as_its_owner),
    };

    public static TheoryData<Flaw> Flaws => [.. Enum.GetValues<Flaw>().Except([Flaw.None])];

    [Theory, MemberData(nameof(Flaws))]
    public async Task A_broken_store_fails_the_fact_that_is_named_for_its_flaw(Flaw flaw)
    {
        var failures = await ContractRun.FailuresAsync(() => new PlainStoreContract(flaw));

        Assert.True(
            failures.ContainsKey(s_named[flaw]),
            string.Create(CultureInfo.InvariantCulture, $"{flaw} fails {failures.Count} facts, and not {s_named[flaw]}:\n{string.Join('\n', failures)}"));
    }

    [Fact]
    public async Task A_store_without_a_flaw_fails_none()
    {
        Assert.True(ContractRun.Facts.Count > 60, $"Only {ContractRun.Facts.Count} facts were found.");
        Assert.Empty(await ContractRun.FailuresAsync(static () => new PlainStoreContract(Flaw.None)));
    }
}
