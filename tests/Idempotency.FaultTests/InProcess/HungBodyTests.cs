using Idempotency.Storage;
using Xunit;
using Xunit.Sdk;

namespace Idempotency.FaultTests.InProcess;

/// <summary>A body that hangs in a process that lives keeps its key until the limit, also where no time ends a lease.</summary>
public sealed class HungBodyTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5), s_lease = TimeSpan.FromSeconds(30);
    private static readonly IdempotentOperation<int> s_retry = new("test.retry"), s_hold = new("test.hold") { OnCrash = OnCrash.Hold };

    public static TheoryData<string> Stores => [.. StoreInProcess.Names];

    [Theory, MemberData(nameof(Stores))]
    public async Task Under_Retry_the_next_caller_of_another_process_runs_and_the_hung_body_comes_too_late(string store)
    {
        using var scene = new Scene(store);
        await HangUnderRetryAsync(scene);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_key_that_nobody_can_let_go_of_is_found(string store)
    {
        using var scene = new Scene(store, static sound => new ClingingStore(sound));

        await Assert.ThrowsAsync<OperationInProgressException>(() => HangUnderRetryAsync(scene));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Under_Hold_the_key_is_in_doubt_until_the_hung_body_reports_after_all(string store)
    {
        using var scene = new Scene(store);
        var (hung, other, door) = await HangAsync(scene, s_hold);

        await Assert.ThrowsAsync<OperationInDoubtException>(() => other.RunAsync(s_hold, "key", Never));
        door.Open();

        Assert.Equal(1, await hung.WaitAsync(Scene.Patience));
        Assert.Equal(1, await other.RunAsync(s_hold, "key", Never));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Under_Hold_a_hung_body_comes_too_late_when_somebody_has_decided(string store)
    {
        using var scene = new Scene(store);
        var (hung, other, door) = await HangAsync(scene, s_hold);
        await Assert.ThrowsAsync<OperationInDoubtException>(() => other.RunAsync(s_hold, "key", Never));
        var person = new IdempotencyOperator(other);
        var doubt = await Assert.ThrowsAsync<OperationInDoubtException>(() => other.RunAsync(s_hold, "key", Never));

        Assert.True(await person.ResolveAsync((await person.FindAsync(doubt.Operation, doubt.Key))!, Resolution.Complete(7), "a test"));
        door.Open();

        Assert.Equal(1, (await Assert.ThrowsAsync<LeaseLostException>(() => hung.WaitAsync(Scene.Patience))).Result);
        Assert.Equal(7, await other.RunAsync(s_hold, "key", Never));
    }

    private static async Task HangUnderRetryAsync(Scene scene)
    {
        var (hung, other, door) = await HangAsync(scene, s_retry);

        Assert.Equal(2, await other.RunAsync(s_retry, "key", static _ => Task.FromResult(2)));
        door.Open();

        Assert.Equal(1, (await Assert.ThrowsAsync<LeaseLostException>(() => hung.WaitAsync(Scene.Patience))).Result);
        Assert.Equal(2, await other.RunAsync(s_retry, "key", Never));
    }

    /// <summary>A body hangs until its limit and the lease after that are over.</summary>
    private static async Task<(Task<int> Hung, IdempotencyGuard Other, Doorway Door)> HangAsync(Scene scene, IdempotentOperation<int> operation)
    {
        var options = Scene.Options;
        (options.DefaultLease, options.ExecutionLimit) = (s_lease, s_limit);
        var ((one, _), (other, _)) = (scene.StartProcess(options), scene.StartProcess(options));
        var door = new Doorway();
        var token = CancellationToken.None;
        var hung = one.RunAsync(operation, "key", async context =>
        {
            token = context.CancellationToken;
            await door.PassAsync();
            return 1;
        });

        scene.Time.Advance(s_limit - TimeSpan.FromSeconds(1));
        Assert.False(token.IsCancellationRequested);
        await Assert.ThrowsAsync<OperationInProgressException>(() => other.RunAsync(operation, "key", Never));
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(token.IsCancellationRequested);
        scene.Time.Advance(s_lease);
        return (hung, other, door);
    }

    private static Task<int> Never(IdempotencyContext context) => throw new InvalidOperationException("It ran again.");
}
