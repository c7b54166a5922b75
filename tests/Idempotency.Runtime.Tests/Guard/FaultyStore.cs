using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>What goes wrong with one call of a store.</summary>
internal enum StoreFault
{
    None,

    /// <summary>The call does not arrive and throws.</summary>
    Refused,

    /// <summary>The call is applied, and throws all the same.</summary>
    AnswerLost,

    /// <summary>The call is applied, and nothing is ever heard of it.</summary>
    Silent,

    /// <summary>The call does not arrive, and nothing is ever heard of it.</summary>
    Vanished,
}

/// <summary>A store whose calls go wrong as a test says, by the name of the member and how often it was called.</summary>
internal sealed class FaultyStore(IIdempotencyStore inner) : IIdempotencyStore
{
    private readonly Lock _gate = new();
    private readonly List<string> _calls = [];

    public Func<string, int, StoreFault> Fault { get; set; } = static (_, _) => StoreFault.None;

    /// <summary>What was called so far, in order.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public List<ClaimRequest> Claims { get; } = [];

    /// <summary>The key of the last claim.</summary>
    public IdempotencyKey? Key { get; private set; }

    public bool KeepsObjects { get; init; } = true;

    /// <summary>Runs before every call, for a test that wants to act between two steps.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Replaces a claim's answer.</summary>
    public Func<Claim, Claim>? Answer { get; set; }

    public int Count(string member) => Calls.Count(call => call == member);

    public void FailAlways(string member, StoreFault fault = StoreFault.Refused) =>
        Fault = (called, _) => called == member ? fault : StoreFault.None;

    public void FailOnce(string member, StoreFault fault) =>
        Fault = (called, number) => called == member && number == 1 ? fault : StoreFault.None;

    public void Heal() => Fault = static (_, _) => StoreFault.None;

    public Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint) =>
        Answer is null && KeepsObjects ? inner.TryPeek(canonicalKey, fingerprint) : null;

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        Claims.Add(request);
        Key = key;
        return CallAsync("Claim", async () =>
        {
            var claim = await inner.TryClaimAsync(key, request, CancellationToken.None);
            return Answer?.Invoke(claim) ?? claim;
        });
    }

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        CallAsync("Renew", () => inner.RenewAsync(key, owner, lease, CancellationToken.None));

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        CallAsync("Complete", () => inner.CompleteAsync(key, owner, outcome, retention, CancellationToken.None));

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        CallAsync("Release", () => inner.ReleaseAsync(key, owner, CancellationToken.None));

    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        await CallAsync("Abandon", async () =>
        {
            await inner.AbandonAsync(key, token, CancellationToken.None);
            return true;
        });

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        CallAsync("Get", () => inner.GetAsync(key, cancellationToken));

    public async ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken) =>
        await CallAsync("Wait", async () =>
        {
            await inner.WaitAsync(key, version, timeout, cancellationToken);
            return true;
        });

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        CallAsync("Resolve", () => inner.ResolveAsync(key, version, outcome, retention, cancellationToken));

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) => inner.PurgeAsync(max, cancellationToken);

    private async ValueTask<TAnswer> CallAsync<TAnswer>(string member, Func<ValueTask<TAnswer>> call)
    {
        int number;
        lock (_gate)
        {
            _calls.Add(member);
            number = _calls.Count(called => called == member);
        }

        Before?.Invoke(member);
        var fault = Fault(member, number);
        if (fault == StoreFault.Refused)
        {
            throw new IOException("The store is down.");
        }

        if (fault == StoreFault.Vanished)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan);
        }

        var answer = await call();
        if (fault == StoreFault.AnswerLost)
        {
            throw new IOException("The connection broke.");
        }

        if (fault == StoreFault.Silent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan);
        }

        return answer;
    }
}
