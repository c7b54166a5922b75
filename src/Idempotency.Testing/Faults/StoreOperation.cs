using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>What is asked of a store.</summary>
public enum StoreOperation
{
    /// <summary><see cref="IIdempotencyStore.TryClaimAsync"/>.</summary>
    Claim,

    /// <summary><see cref="IIdempotencyStore.RenewAsync"/>.</summary>
    Renew,

    /// <summary><see cref="IIdempotencyStore.CompleteAsync"/>, with a result or a failure.</summary>
    Complete,

    /// <summary><see cref="IIdempotencyStore.ReleaseAsync"/>.</summary>
    Release,

    /// <summary><see cref="IIdempotencyStore.AbandonAsync"/>.</summary>
    Abandon,

    /// <summary><see cref="IIdempotencyStore.GetAsync"/>.</summary>
    Get,

    /// <summary><see cref="IIdempotencyStore.WaitAsync"/>.</summary>
    Wait,

    /// <summary><see cref="IIdempotencyStore.ResolveAsync"/>.</summary>
    Resolve,

    /// <summary><see cref="IIdempotencyStore.PurgeAsync"/>.</summary>
    Purge,
}
