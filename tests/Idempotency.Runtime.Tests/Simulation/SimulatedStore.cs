using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>
/// The store as one process sees it, across a network that delays, loses and repeats messages. Every answer runs its continuation
/// inline, so that all of a seed happens on one thread and happens again in the same way.
/// </summary>
internal sealed class SimulatedStore(World world, SimulatedProcess process) : IIdempotencyStore
{
    private const double AnswersAtOnce = 0.2;

    /// <summary>Messages within a process, which arrive in the order they were sent in.</summary>
    private readonly Queue<Action> _onTheWay = [];

    public bool KeepsObjects => world.KeepsObjects;

    public Claim? TryPeek(ReadOnlySpan<byte> canonicalKey, ReadOnlySpan<byte> fingerprint) =>
        world.Random.Chance(0.5) ? world.Store.TryPeek(process, canonicalKey, fingerprint) : null;

    public ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken) =>
        Send("claim", () => world.Store.Claim(process, key, request), cancellationToken);

    public ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        Send("renewal", () => world.Store.Renew(process, key, owner, lease), cancellationToken);

    public ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        Send("completion", () => world.Store.Complete(process, key, owner, outcome, retention), cancellationToken);

    public ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        Send("release", () => world.Store.Release(process, key, owner), cancellationToken);

    public ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        new(Send("abandonment", () => world.Store.Abandon(process, key, token), cancellationToken).AsTask());

    public ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken) =>
        Send("look", () => world.Store.Get(process, key), cancellationToken);

    /// <summary>Only a hint, and a bad one: in time, early, late or not at all before the timeout.</summary>
    public ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        world.StayOnThread();
        var random = world.Random;
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (random.Chance(Weather.RequestLost))
        {
            return ValueTask.FromException(Break("wait"));
        }

        var hint = new TaskCompletionSource();
        cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), hint);
        EndAfter(timeout);
        if (random.Chance(0.1))
        {
            EndAfter(random.UpTo(timeout));
        }

        if (random.Chance(0.8) && world.Ledger.Of(key.Operation).Open is { } open)
        {
            EndAfter(TimeSpan.FromTicks(Math.Clamp((open.LeaseUntil - world.Now).Ticks, 0, timeout.Ticks)));
        }

        if (random.Chance(0.8))
        {
            world.Store.Watch(key, () => EndAfter(Latency()));
        }

        return new ValueTask(hint.Task);

        void EndAfter(TimeSpan time) => world.After(time, () => process.Deliver(() => hint.TrySetResult()));
    }

    public ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken) =>
        Send("resolution", () => world.Store.Resolve(process, key, version, outcome, retention), cancellationToken);

    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Purges of the simulation do not use the network.");

    private Weather Weather => world.IsHealed ? Weather.Calm : world.Weather;

    private ValueTask<T> Send<T>(string message, Func<T> apply, CancellationToken cancellationToken)
    {
        world.StayOnThread();
        var (weather, random) = (Weather, world.Random);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        if (!process.IsCut && random.Chance(AnswersAtOnce) && _onTheWay.Count == 0)
        {
            return SendNow(message, apply);
        }

        var answer = new TaskCompletionSource<T>();
        if (!(weather.StoreIsDeaf && random.Chance(0.5)))
        {
            cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<T>)state!).TrySetCanceled(token), answer);
        }

        if (random.Chance(weather.Repeated) && !world.Subject.LeaseIsLife)
        {
            world.After(random.UpTo(random.Pick(Scale.FastMessage, Scale.LatestGhost)), () => Repeat(message, apply));
        }

        if (process.IsCut || random.Chance(weather.RequestLost))
        {
            Lose(message, answer);
        }
        else if (world.Subject.LeaseIsLife)
        {
            _onTheWay.Enqueue(() => Arrive(message, apply, answer));
            world.After(Latency(), () => process.Deliver(() => _onTheWay.Dequeue()()));
        }
        else
        {
            world.After(Latency(), () => Arrive(message, apply, answer));
        }

        return new ValueTask<T>(answer.Task);
    }

    /// <summary>A store that answers before it returns, or throws before it does.</summary>
    private ValueTask<T> SendNow<T>(string message, Func<T> apply)
    {
        if (world.Random.Chance(Weather.RequestLost))
        {
            throw Break(message);
        }

        var answer = apply();
        return world.Random.Chance(Weather.AnswerLost) ? ValueTask.FromException<T>(Break(message)) : new ValueTask<T>(answer);
    }

    private void Arrive<T>(string message, Func<T> apply, TaskCompletionSource<T> answer)
    {
        var result = apply();
        if (process.IsCut || world.Random.Chance(Weather.AnswerLost))
        {
            Lose($"answer to {process.Name}'s {message}", answer);
        }
        else
        {
            world.After(Latency(), () => process.Deliver(() => answer.TrySetResult(result)));
        }
    }

    private void Repeat<T>(string message, Func<T> apply)
    {
        world.Trace.Add($"  network: a second copy of {process.Name}'s {message} arrives");
        apply();
    }

    private void Lose<T>(string message, TaskCompletionSource<T> answer)
    {
        world.Trace.Add($"  network: {process.Name}'s {message} is lost");
        if (world.Random.Chance(Weather.LossIsSeen))
        {
            var failure = Break(message);
            world.After(world.Random.UpTo(Scale.StoreTimeout), () => process.Deliver(() => answer.TrySetException(failure)));
        }
    }

    private Exception Break(string message)
    {
        world.Trace.Add($"  network: {process.Name}'s {message} fails");
        return world.Random.Next(4) switch
        {
            0 => new TimeoutException("The network is slow."),
            1 => new TaskCanceledException("The driver gave up."),
            _ => new BrokenConnectionException(world),
        };
    }

    private TimeSpan Latency() => world.Random.UpTo(world.Random.Chance(Weather.Slow) ? Scale.SlowMessage : Scale.FastMessage);
}
