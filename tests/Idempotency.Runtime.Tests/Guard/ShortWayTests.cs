using System.Globalization;
using Idempotency.Keys;
using Idempotency.Runtime.Tests.Stress;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>
/// Where the records are objects of this process the guard does not ask its store. Whatever is done, in whatever order, calls and
/// records are the same as of a guard that has to ask.
/// </summary>
public sealed class ShortWayTests
{
    private const int Steps = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20_261_122)]
    public async Task Random_calls_end_the_same_by_the_short_way_and_by_the_long_one(int seed)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        using var shorter = new World(static store => store);
        using var longer = new World(static store => new WaitingRoom(store, seats: int.MaxValue));
        var random = new Random(seed);
        var seen = new HashSet<string>();
        for (var i = 0; i < Steps; i++)
        {
            var step = Step.Next(random);
            var expected = await longer.TakeAsync(step);
            var actual = await shorter.TakeAsync(step);

            Assert.True(expected == actual, $"Seed {seed}, step {i}: {step}\nlong way:  {expected}\nshort way: {actual}");
            seen.Add(expected.Split(' ')[0]);
        }

        Assert.True(seen.Count >= 10, $"Only saw {string.Join(", ", seen)}.");
    }

    private enum Plan
    {
        Return,
        ReturnNull,
        Throw,
        Cancel,
        Describe,
        CallItself,
        CallItselfWhenOver,
        CallAnother,
        LoseTheKey,
        Wait,
        WaitForTheGuard,
    }

    /// <summary>What is done next: a call, the end of one that waits, or time passing.</summary>
    private sealed record Step(string Kind, int Operation, string Key, int Cart, Plan Plan, int Number)
    {
        public static Step Next(Random random) => new(
            random.Next(100) switch { < 70 => "call", < 85 => "end", < 97 => "advance", < 99 => "resolve", _ => "purge" },
            random.Next(World.Operations.Length),
            random.Next(2) == 0 ? "a" : "b",
            Math.Max(0, random.Next(-3, 3)),
            Enum.GetValues<Plan>()[random.Next(Enum.GetValues<Plan>().Length)],
            random.Next(1, 60));
    }

    private sealed class World : IDisposable
    {
        public static readonly IdempotentOperation<string?>[] Operations =
        [
            new("short.plain") { ResultIsImmutable = true },
            new("short.bytes"),
            new("short.lock") { ResultIsImmutable = true, OnFailure = OnFailure.Lock },
            new("short.hold") { OnCrash = OnCrash.Hold },
            new("short.throw") { ResultIsImmutable = true, OnDuplicate = OnDuplicate.Throw },
            new("short.cancel") { ResultIsImmutable = true, CancelBody = true, Ttl = TimeSpan.FromSeconds(20) },
        ];

        private readonly ExecutionContext _outside = ExecutionContext.Capture()!;
        private readonly FakeTimeProvider _time = new();
        private readonly MemoryStore _store;
        private readonly IdempotencyGuard _guard;
        private readonly List<TaskCompletionSource<string?>> _waiting = [];
        private readonly List<Task<string?>> _calls = [];
        private int _runs;

        public World(Func<MemoryStore, IIdempotencyStore> way)
        {
            _store = new MemoryStore(new MemoryStoreOptions { TombstoneRetention = TimeSpan.FromSeconds(20) }, _time);
            _guard = IdempotencyGuard.Create(
                way(_store),
                new IdempotencyOptions { DefaultLease = TimeSpan.FromSeconds(30), DefaultTtl = TimeSpan.FromSeconds(90), ExecutionLimit = TimeSpan.FromSeconds(100) },
                _time);
        }

        /// <summary>Takes the step, and says how it ended, what became of older calls, and what all records say.</summary>
        public async Task<string> TakeAsync(Step step)
        {
            var ended = step.Kind switch
            {
                "call" => Describe(Call(step)),
                "end" => End(step),
                "advance" => Advance(step),
                "resolve" => await ResolveAsync(step),
                _ => $"purged {await _store.PurgeAsync(3, CancellationToken.None)}",
            };
            var older = _calls.Where(static call => call.IsCompleted).Select(Describe).ToArray();
            _calls.RemoveAll(static call => call.IsCompleted);
            return $"{ended} | {string.Join("; ", older)} | {_runs} runs | {await RecordAsync(step)}";
        }

        public void Dispose()
        {
            _waiting.ForEach(static waiting => waiting.TrySetResult("the end"));
            _guard.Dispose();
        }

        private static string Describe(Task<string?> call) => call switch
        {
            { IsCompletedSuccessfully: true } => $"returned {call.Result ?? "null"}",
            { IsCompleted: true } => $"{(call.Exception?.InnerException ?? new TaskCanceledException()).GetType().Name} {call.Exception?.InnerException?.Message}",
            _ => "waits",
        };

        private static IdempotencyKey KeyOf(Step step)
        {
            var operation = Operations[step.Operation];
            var writer = new KeyWriter(operation.KeyHeader, stackalloc byte[64]);
            writer.Add(step.Key);
            return IdempotencyKey.FromCanonical(operation.Name, writer.Key);
        }

        private Task<string?> Call(Step step)
        {
            var writer = new KeyWriter(Operations[step.Operation].KeyHeader, stackalloc byte[64]);
            writer.Add(step.Key);
            if (step.Cart > 0)
            {
                writer.BeginFingerprint();
                writer.Add(step.Cart);
            }

            var call = _guard.RunAsync(Operations[step.Operation], ref writer, (World: this, step), static (state, context) => new(state.World.RunAsync(state.step, context))).AsTask();
            if (!call.IsCompleted)
            {
                _calls.Add(call);
            }

            return call;
        }

        private Task<string?> RunAsync(Step step, IdempotencyContext context)
        {
            _runs++;
            Assert.Same(context, IdempotencyContext.Current);
            switch (step.Plan)
            {
                case Plan.Return:
                    return Task.FromResult<string?>(step.Number.ToString(CultureInfo.InvariantCulture));
                case Plan.ReturnNull:
                    return Task.FromResult<string?>(null);
                case Plan.Throw:
                    throw new InvalidOperationException($"body {step.Number}");
                case Plan.Cancel:
                    return Task.FromCanceled<string?>(new CancellationToken(canceled: true));
                case Plan.Describe:
                    return Task.FromResult<string?>($"{context.Operation}/{context.Key[..4]} {context.Attempt} {context.CancellationToken.CanBeCanceled}");
                case Plan.CallItself:
                    return Call(step);
                case Plan.CallItselfWhenOver:
                    _time.Advance(TimeSpan.FromSeconds(140));
                    ExecutionContext.Run(_outside, _ => Call(step with { Plan = Plan.Describe }), null);
                    return Call(step with { Plan = Plan.Describe });
                case Plan.CallAnother:
                    return Call(step with { Key = step.Key + "'", Plan = Plan.Describe });
                case Plan.LoseTheKey:
                    _time.Advance(TimeSpan.FromSeconds(140)); // past the execution limit, so that the lease was renewed no more
                    ExecutionContext.Run(_outside, _ => Call(step with { Plan = Plan.Wait }), null);
                    return Task.FromResult<string?>("too late");
                default:
                    var waiting = new TaskCompletionSource<string?>();
                    if (step.Plan == Plan.WaitForTheGuard)
                    {
                        context.CancellationToken.Register(() => waiting.TrySetCanceled());
                    }

                    _waiting.Add(waiting);
                    return waiting.Task;
            }
        }

        private string End(Step step)
        {
            if (_waiting.Count == 0)
            {
                return "nothing waits";
            }

            var ended = _waiting[step.Number % _waiting.Count];
            _waiting.Remove(ended);
            return step.Plan == Plan.Throw
                ? $"threw {ended.TrySetException(new InvalidOperationException($"late {step.Number}"))}"
                : $"ended {ended.TrySetResult($"late {step.Number}")}";
        }

        private string Advance(Step step)
        {
            _time.Advance(TimeSpan.FromSeconds(step.Number));
            return "advanced";
        }

        private async Task<string> ResolveAsync(Step step)
        {
            var record = await _store.GetAsync(KeyOf(step), CancellationToken.None);
            var resolved = record is not null && await _store.ResolveAsync(KeyOf(step), record.Version, outcome: null, TimeSpan.FromSeconds(5), CancellationToken.None);
            return $"resolved {resolved}";
        }

        private async Task<string> RecordAsync(Step step) =>
            await _store.GetAsync(KeyOf(step), CancellationToken.None) is { } record
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{record.State} {record.Attempt} {Convert.ToHexString(record.Fingerprint.Span)} {record.StartedAt:O} {record.LeaseUntil:O} {record.ExpiresAt:O} {record.Outcome?.Value ?? record.Outcome?.Payload.Length}")
                : "no record";
    }
}
