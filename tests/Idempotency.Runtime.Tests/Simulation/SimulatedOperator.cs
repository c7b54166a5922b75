using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>
/// A person who looks at keys that are in doubt, goes and finds out what is true, and says so. Between the look and the answer the
/// record may change.
/// </summary>
internal sealed class SimulatedOperator(World world, SimulatedProcess process)
{
    private readonly IdempotencyOperator _operator = new(process.Guard);

    /// <summary>Whether the truth about the key can be known now.</summary>
    public bool Knows(Policy policy) => world.Ledger.Of(policy.Operation).Open is { } grant && Truth(grant) is not null;

    public async Task ResolveAsync()
    {
        foreach (var policy in world.Policies)
        {
            if (world.Ledger.Of(policy.Operation).Key is { } key)
            {
                await ResolveAsync(key.Operation, key.Text);
            }
        }
    }

    /// <summary>Tidies up, as persons do.</summary>
    public void Purge(int max) => world.Store.Purge(process, max);

    private async Task ResolveAsync(string operation, string key)
    {
        try
        {
            if (await _operator.FindAsync(operation, key) is { State: RecordState.InDoubt or RecordState.InProgress } record
                && world.Ledger.GrantOf(record.Fence) is { } grant
                && Truth(grant) is { } truth)
            {
                await _operator.ResolveAsync(record, truth, "the simulation", world.Ledger.Of(operation).Policy.Ttl);
            }
        }
        catch (Exception failure) when (failure is IOException or TimeoutException or OperationCanceledException)
        {
            world.Trace.Add($"the operator gives up: {failure.Message}");
        }
    }

    /// <summary>What really happened; <see langword="null"/> while it may still happen.</summary>
    private static Resolution? Truth(Grant grant) => grant switch
    {
        { Run: { HadEffect: true } run } => Resolution.Complete(run.Number),
        { Run.HasEnded: true } or { Owner.IsCrashed: true } => Resolution.Release(ownerIsDead: true),
        _ => null,
    };
}
