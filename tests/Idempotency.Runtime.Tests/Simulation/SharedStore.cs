using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>The far end of the network: the store, whose every answer the ledger hears.</summary>
internal sealed class SharedStore(World world, StoreSite site)
{
    private readonly List<(string Operation, Action Wake)> _watchers = [];

    public Claim? TryPeek(SimulatedProcess caller, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fingerprint) =>
        site.Of(caller).TryPeek(key, fingerprint);

    public Claim Claim(SimulatedProcess caller, IdempotencyKey key, ClaimRequest request)
    {
        var answer = Now(site.Of(caller).TryClaimAsync(key, request, CancellationToken.None));
        world.Trace.Add($"  store: {caller.Name} claims {key.Operation} as {request.Token}: {answer}");
        world.Ledger.Claimed(caller, key, request, answer);
        return Changed(key, answer);
    }

    public OwnerAnswer Renew(SimulatedProcess caller, IdempotencyKey key, Ownership owner, TimeSpan lease)
    {
        var answer = Now(site.Of(caller).RenewAsync(key, owner, lease, CancellationToken.None));
        world.Trace.Add($"  store: {caller.Name} renews {key.Operation} as {owner.Token}: {answer}");
        world.Ledger.Renewed(key, owner, lease, answer);
        return answer;
    }

    public OwnerAnswer Complete(SimulatedProcess caller, IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention)
    {
        var answer = Now(site.Of(caller).CompleteAsync(key, owner, outcome, retention, CancellationToken.None));
        world.Trace.Add($"  store: {caller.Name} completes {key.Operation} as {owner.Token}{(outcome.IsFailure ? ", failed" : "")}: {answer}");
        world.Ledger.Completed(key, owner, outcome, retention, answer);
        return Changed(key, answer);
    }

    public OwnerAnswer Release(SimulatedProcess caller, IdempotencyKey key, Ownership owner)
    {
        var answer = Now(site.Of(caller).ReleaseAsync(key, owner, CancellationToken.None));
        world.Trace.Add($"  store: {caller.Name} releases {key.Operation} as {owner.Token}: {answer}");
        world.Ledger.Released(key, owner, answer);
        return Changed(key, answer);
    }

    public bool Abandon(SimulatedProcess caller, IdempotencyKey key, OwnerToken token)
    {
        Now(site.Of(caller).AbandonAsync(key, token, CancellationToken.None));
        world.Trace.Add($"  store: {caller.Name} abandons {key.Operation} as {token}");
        world.Ledger.Abandoned(key, token);
        return Changed(key, true);
    }

    public OperationRecord? Get(SimulatedProcess caller, IdempotencyKey key) => Now(site.Of(caller).GetAsync(key, CancellationToken.None));

    public bool Resolve(SimulatedProcess caller, IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention)
    {
        var answer = Now(site.Of(caller).ResolveAsync(key, version, outcome, retention, CancellationToken.None));
        world.Trace.Add($"  store: the operator {(outcome is null ? "frees" : "completes")} {key.Operation}: {answer}");
        if (answer)
        {
            world.Ledger.Resolved(key, outcome, retention);
        }

        return Changed(key, answer);
    }

    public void Purge(SimulatedProcess caller, int max)
    {
        var removed = Now(site.Of(caller).PurgeAsync(max, CancellationToken.None));
        world.Trace.Add($"  store: purges {removed}");
    }

    /// <summary>Ends what a process was to the store.</summary>
    public void Crash(SimulatedProcess process)
    {
        site.Crash(process);
        if (world.Subject.LeaseIsLife)
        {
            world.Ledger.Died(process);
        }
    }

    /// <summary>Calls once when the key may have changed.</summary>
    public void Watch(IdempotencyKey key, Action wake) => _watchers.Add((key.Operation, wake));

    private T Changed<T>(IdempotencyKey key, T answer)
    {
        var awake = _watchers.FindAll(watcher => watcher.Operation == key.Operation);
        _watchers.RemoveAll(watcher => watcher.Operation == key.Operation);
        awake.ForEach(watcher => watcher.Wake());
        return answer;
    }

    private static T Now<T>(ValueTask<T> answer) =>
        answer.IsCompleted ? answer.GetAwaiter().GetResult() : throw new InvalidOperationException("The store did not answer at once.");

    private static void Now(ValueTask answer)
    {
        if (!answer.IsCompleted)
        {
            throw new InvalidOperationException("The store did not answer at once.");
        }

        answer.GetAwaiter().GetResult();
    }
}
