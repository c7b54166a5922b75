using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

public sealed class OperatorTests
{
    private static readonly IdempotentOperation<int> s_hold = new("test.hold") { OnCrash = OnCrash.Hold };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_in_doubt_is_completed_with_a_result_that_every_later_caller_gets(bool keepsObjects)
    {
        using var test = new TestGuard(keepsObjects: keepsObjects);
        var (people, record) = await DoubtAsync(test);

        Assert.True(await people.ResolveAsync(record, Resolution.Complete(42), "ann"));

        Assert.Equal(42, await test.CallAsync(s_hold));
        Assert.Equal(1, test.Runs);
        Assert.Contains(test.Logs.Entries, entry => entry.Text.EndsWith("was resolved as completed by ann.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_in_doubt_is_failed()
    {
        using var test = new TestGuard(options => options.Failures.Replay(failure => new FormatException(failure.Message)));
        var (people, record) = await DoubtAsync(test);

        Assert.True(await people.ResolveAsync(record, Resolution.Fail("System.FormatException", "never charged"), "ann"));

        Assert.Equal("never charged", (await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(s_hold))).Message);
    }

    [Fact]
    public async Task A_record_in_doubt_is_released_only_when_its_owner_is_confirmed_dead()
    {
        using var test = new TestGuard();
        var (people, record) = await DoubtAsync(test);

        Assert.Equal("ownerIsDead", Assert.Throws<ArgumentException>(() => Resolution.Release(ownerIsDead: false)).ParamName);
        Assert.True(await people.ResolveAsync(record, Resolution.Release(ownerIsDead: true), "ann"));

        Assert.Equal(2, await test.CallAsync(s_hold));
    }

    [Fact]
    public async Task A_record_that_changed_since_it_was_read_is_not_resolved()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var (people, record) = await DoubtAsync(test, gate);
        gate.Open();
        while ((await people.FindAsync(record.Key.Operation, record.Key.Text))!.State == RecordState.InDoubt)
        {
            await Task.Yield(); // the owner reports after all
        }

        Assert.False(await people.ResolveAsync(record, Resolution.Release(ownerIsDead: true), "ann"));
        Assert.Equal(1, await test.CallAsync(s_hold));
    }

    [Fact]
    public async Task The_owners_late_report_changes_nothing_that_was_resolved()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var (people, record) = await DoubtAsync(test, gate, out var owner);
        Assert.True(await people.ResolveAsync(record, Resolution.Complete(42), "ann"));
        gate.Open();

        Assert.Equal(1, (await Assert.ThrowsAsync<LeaseLostException>(() => owner)).Result);
        Assert.Equal(42, await test.CallAsync(s_hold));
    }

    [Fact]
    public async Task A_running_record_is_not_resolved()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        var owner = test.CallAsync(s_hold, _ => gate.PassAsync());
        var key = (await Assert.ThrowsAsync<OperationInProgressException>(() => test.CallAsync(s_hold))).Key;
        var people = new IdempotencyOperator(test.Guard);
        var record = await people.FindAsync("test.hold", key);

        Assert.Equal(RecordState.InProgress, record!.State);
        Assert.False(await people.ResolveAsync(record, Resolution.Release(ownerIsDead: true), "ann"));
        gate.Open();
        Assert.Equal(1, await owner);
    }

    [Fact]
    public async Task A_key_without_a_record_is_not_found()
    {
        using var test = new TestGuard();

        Assert.Null(await new IdempotencyOperator(test.Guard).FindAsync("test.hold", new string('0', 64)));
        await Assert.ThrowsAsync<ArgumentException>(() => new IdempotencyOperator(test.Guard).FindAsync("test.hold", "not a key"));
    }

    private static Task<(IdempotencyOperator People, OperationRecord Record)> DoubtAsync(TestGuard test, Gate? gate = null) =>
        DoubtAsync(test, gate ?? new Gate(), out _);

    private static Task<(IdempotencyOperator People, OperationRecord Record)> DoubtAsync(TestGuard test, Gate gate, out Task<int> owner)
    {
        owner = test.CallAsync(s_hold, _ => gate.PassAsync());
        test.Store.FailAlways(StoreOperation.Renew);
        test.Time.Advance(TestGuard.Lease);
        return FindAsync();

        async Task<(IdempotencyOperator People, OperationRecord Record)> FindAsync()
        {
            var doubt = await Assert.ThrowsAsync<OperationInDoubtException>(() => test.CallAsync(s_hold));
            var people = new IdempotencyOperator(test.Guard);
            var record = await people.FindAsync(doubt.Operation, doubt.Key);
            Assert.Equal(RecordState.InDoubt, record!.State);
            return (people, record);
        }
    }
}
