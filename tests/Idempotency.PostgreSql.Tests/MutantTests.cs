using Idempotency.Storage;
using Xunit.Sdk;

namespace Idempotency.PostgreSql.Tests;

/// <summary>Mistakes in the statements, each found by the fact that is named for it.</summary>
[Collection(nameof(SharedServer))]
public sealed class MutantTests(SharedServer server)
{
    private const string Mine = "r.token = $3 AND r.fence = $4 AND r.state IN ('I', 'D')";

    private static readonly Dictionary<string, (Func<Sql, Sql> Mistake, Func<Contract, Task> Fact)> s_mutants = new()
    {
        ["a completion asks for no owner"] = (
            static sql => sql with { Complete = sql.Complete.Replace(Mine, "r.state IN ('I', 'D')", StringComparison.Ordinal) },
            static contract => contract.An_owner_that_lost_its_record_changes_nothing_any_more(StoreContract.Loss.TakenOver)),
        ["a renewal asks for no owner"] = (
            static sql => sql with { Renew = sql.Renew.Replace(Mine, "r.state IN ('I', 'D')", StringComparison.Ordinal) },
            static contract => contract.An_attempt_that_was_taken_over_can_write_nothing_any_more()),
        ["a release asks for no owner"] = (
            static sql => sql with { Release = sql.Release.Replace(Mine, "r.state IN ('I', 'D')", StringComparison.Ordinal) },
            static contract => contract.An_attempt_that_was_taken_over_can_write_nothing_any_more()),
        ["a release deletes"] = (
            static sql => sql with { Release = $"DELETE FROM {TableOf(sql)} AS r WHERE r.key = $1 AND $2 <> '' AND $5 > 0 AND {Mine} RETURNING 'accepted'" },
            static contract => contract.A_freed_key_remembers_its_ended_tokens_until_the_tombstone_is_over()),
        ["no fence is compared"] = (
            static sql => sql with { Complete = sql.Complete.Replace("r.fence = $4", "$4 > 0", StringComparison.Ordinal) },
            static contract => contract.A_delayed_claim_after_deletion_does_not_revive_its_old_completion()),
        ["a completion asks whether the lease is over"] = (
            static sql => sql with { Complete = sql.Complete.Replace(Mine, $"{Mine} AND r.lease_until > clock_timestamp()", StringComparison.Ordinal) },
            static contract => contract.What_is_in_progress_or_in_doubt_never_expires(StoreContract.Situation.LeaseOver)),
        ["what is held is taken over"] = (
            static sql => sql with { Reclaim = sql.Reclaim.Replace("($7 AND r.state = 'I'", "($7 AND false", StringComparison.Ordinal) },
            static contract => contract.A_claim_is_answered_by_the_table(StoreContract.Situation.LeaseOver, StoreContract.Caller.OtherToken, OnCrash.Hold, "in doubt")),
        ["the lease is not looked at again"] = (
            static sql => sql with { Reclaim = sql.Reclaim.Replace("r.lease_until <= clock_timestamp()", "true", StringComparison.Ordinal) },
            static contract => contract.One_of_many_simultaneous_take_overs_is_granted()),
        ["a claim does not know its own token"] = (
            static sql => sql with { Reclaim = sql.Reclaim.Replace("(r.token = $3 AND r.state IN ('I', 'D'))", "false", StringComparison.Ordinal) },
            static contract => contract.A_call_whose_answer_was_lost_may_be_sent_again("claim")),
        ["a claim writes over what it finds"] = (
            static sql => sql with { Claim = sql.Claim.Replace("WHERE NOT EXISTS", "WHERE true OR NOT EXISTS", StringComparison.Ordinal).Replace("DO NOTHING", "DO UPDATE SET token = $3", StringComparison.Ordinal) },
            static contract => contract.One_of_many_simultaneous_claims_is_granted()),
        ["ended tokens are not looked at"] = (
            static sql => sql with { Claim = sql.Claim.Replace("$3 = ANY(r.dead)", "false", StringComparison.Ordinal) },
            static contract => contract.An_ended_token_is_stale_in_every_live_situation(StoreContract.Situation.Completed, OnCrash.Retry)),
        ["the owner that was taken over is not ended"] = (
            static sql => sql with { Reclaim = sql.Reclaim.Replace("WHEN r.state = 'I' THEN CASE", "WHEN false THEN CASE", StringComparison.Ordinal) },
            static contract => contract.An_attempt_that_was_taken_over_can_write_nothing_any_more()),
        ["seven ended tokens are remembered"] = (
            static sql => sql with { Abandon = sql.Abandon.Replace("cardinality(r.dead) - 6", "cardinality(r.dead) - 5", StringComparison.Ordinal) },
            static contract => contract.The_last_eight_ended_tokens_are_remembered()),
        ["a fingerprint is not compared"] = (
            static sql => sql with { Claim = sql.Claim.Replace("r.fingerprint = $6", "$6 IS NOT NULL", StringComparison.Ordinal) },
            static contract => contract.A_take_over_keeps_the_fingerprint()),
        ["a renewal leaves the version"] = (
            static sql => sql with { Renew = sql.Renew.Replace("version = nextval", "version = version + 0 * nextval", StringComparison.Ordinal) },
            static contract => contract.Every_change_of_a_record_raises_its_version()),
        ["a resolution asks for no version"] = (
            static sql => sql with { Resolve = sql.Resolve.Replace("r.version = $3", "$3 > 0", StringComparison.Ordinal) },
            static contract => contract.A_resolution_of_an_older_version_changes_nothing(StoreContract.Situation.InDoubt)),
        ["a resolution leaves the owner"] = (
            static sql => sql with { Resolve = sql.Resolve.Replace("ELSE '00000000-0000-0000-0000-000000000000' END", "ELSE r.token END", StringComparison.Ordinal) },
            static contract => contract.Only_doubt_or_a_lease_that_is_over_can_be_resolved(StoreContract.Situation.InDoubt, "completed")),
        ["a purge does not look at the time"] = (
            static sql => sql with { Purge = sql.Purge.Replace("<= (SELECT clock_timestamp())", "IS NOT NULL", StringComparison.Ordinal).Replace("<= clock_timestamp()", "IS NOT NULL", StringComparison.Ordinal) },
            static contract => contract.Purging_removes_only_what_has_expired(StoreContract.Situation.Completed)),
        ["what has expired is still there"] = (
            static sql => sql with { Get = sql.Get.Replace("r.expires_at <= clock_timestamp()", "false", StringComparison.Ordinal) },
            static contract => contract.A_record_is_read_as_it_is(StoreContract.Situation.Expired)),
        ["the lease begins with the transaction"] = (
            static sql => sql with { Reclaim = sql.Reclaim.Replace("clock_timestamp()", "now()", StringComparison.Ordinal) },
            static contract => contract.RowLockAsync()),
    };

    public static TheoryData<string> Mutants => [.. s_mutants.Keys];

    [Theory, MemberData(nameof(Mutants))]
    public async Task A_mistake_is_found(string mutant)
    {
        var (mistake, fact) = s_mutants[mutant];
        Assert.NotEqual(Sql.For(new TableName("a", "b")), mistake(Sql.For(new TableName("a", "b"))));
        using var contract = await Contract.MakeAsync(server, mistake);

        // An answer that is wrong, or one that the store itself does not believe.
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => fact(contract));
        Assert.True(failure is XunitException || failure.Message.Contains("changed 100 times", StringComparison.Ordinal), $"{failure}");
    }

    [Theory, MemberData(nameof(Mutants))]
    public async Task What_finds_a_mistake_finds_none_where_there_is_none(string mutant)
    {
        using var contract = await Contract.MakeAsync(server, static sql => sql);

        await s_mutants[mutant].Fact(contract);
    }

    private static string TableOf(Sql sql) => sql.Purge.Split(' ')[2];

    /// <summary>The facts, to be called one by one.</summary>
    internal sealed class Contract : StoreContract, IDisposable
    {
        private readonly SharedServer _server;
        private readonly PostgreSqlStoreOptions _options;
        private readonly RunningTime _time = new();
        private readonly PostgreSqlStore _store;

        private Contract(SharedServer server, Func<Sql, Sql> mistake)
        {
            _server = server;
            _options = server.NewTable();
            _options.Statements = mistake;
            _store = new PostgreSqlStore(server.Source, _options, _time);
        }

        public static async Task<Contract> MakeAsync(SharedServer server, Func<Sql, Sql> mistake)
        {
            var contract = new Contract(server, mistake);
            await contract._store.EnsureCreatedAsync();
            return contract;
        }

        protected override IIdempotencyStore Store => _store;

        protected override TimeSpan Tick => TimeSpan.FromSeconds(10);

        public Task RowLockAsync() => RowLock.A_lease_counts_from_when_the_lock_was_had(_server, _store, _options.Name.Table);

        public void Dispose() => _store.Dispose();

        protected override Task PassAsync(TimeSpan time)
        {
            _server.Clock.Move(time);
            _time.Advance(time);
            return Task.CompletedTask;
        }
    }
}
