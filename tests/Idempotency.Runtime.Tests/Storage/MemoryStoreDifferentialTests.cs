using System.Globalization;
using System.Text;
using Idempotency.Keys;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Storage;

/// <summary>Whatever is done, in whatever order, the memory store answers as the contract said plainly does.</summary>
public sealed class MemoryStoreDifferentialTests
{
    private const int Operations = 50_000, Keys = 6, Tokens = 12;

    private static readonly TimeSpan s_tombstone = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1)]
    [InlineData(20_260_101)]
    public async Task Random_operations_get_the_same_answers_from_the_store_and_from_its_plain_model(int seed)
    {
        var run = new Run(seed);
        for (var i = 0; i < Operations; i++)
        {
            var (operation, expected, actual) = await run.StepAsync();
            Assert.True(expected == actual, $"Seed {seed}, operation {i}: {operation}\nexpected: {expected}\nactual:   {actual}");
        }

        Assert.True(run.Answers.Count > 40, $"Only {run.Answers.Count} different answers were seen.");
    }

    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly FakeTimeProvider _time = new();
        private readonly NaiveStore _model = new(s_tombstone);
        private readonly OwnerToken[] _tokens = [.. Enumerable.Range(1, Tokens).Select(i => new OwnerToken((ulong)i, (ulong)seed))];
        private readonly IdempotencyKey[] _keys = [.. Enumerable.Range(0, Keys).Select(i => TestKeys.Of($"key {i}"))];

        /// <summary>Which fence of the store is which of the model, and which grants an owner may show.</summary>
        private readonly List<(OwnerToken Token, long Model, long Store)> _grants = [];
        private readonly Queue<(string Key, long Model, long Store)> _versions = new();
        private MemoryStore? _store;

        /// <summary>Every kind of answer that came up, so that a run cannot pass by doing nothing.</summary>
        public HashSet<string> Answers { get; } = [];

        private MemoryStore Store => _store ??= new MemoryStore(new MemoryStoreOptions { TombstoneRetention = s_tombstone }, _time);

        public async Task<(string Operation, string Expected, string Actual)> StepAsync()
        {
            var index = _random.Next(Keys);
            var (key, name) = (_keys[index], $"key {index}");
            var duration = TimeSpan.FromSeconds(_random.Next(1, 30));
            var step = _random.Next(100) switch
            {
                < 35 => await ClaimAsync(key, name, duration),
                < 43 => await WriteAsync("renew", key, name, duration),
                < 53 => await WriteAsync("complete", key, name, duration),
                < 57 => await WriteAsync("fail", key, name, duration),
                < 64 => await WriteAsync("release", key, name, duration),
                < 74 => await AbandonAsync(key, name),
                < 82 => await ResolveAsync(key, name, duration),
                < 84 => await PurgeAsync(),
                _ => Pass(duration / _random.Next(1, 5)),
            };
            Answers.Add($"{step.Item1.Split(' ')[0]} {step.Item2}");
            return step.Item2 == step.Item3 ? await GetAsync(step.Item1, key, name) : step;
        }

        private async Task<(string, string, string)> ClaimAsync(IdempotencyKey key, string name, TimeSpan lease)
        {
            var token = _tokens[_random.Next(Tokens)];
            var onCrash = _random.Next(3) == 0 ? OnCrash.Hold : OnCrash.Retry;
            var fingerprint = _random.Next(8) == 0 ? "other" : "";

            var (expected, fence) = _model.Claim(name, token, lease, onCrash, fingerprint);
            var answer = await Store.TryClaimAsync(key, new ClaimRequest(token, lease, onCrash, Encoding.UTF8.GetBytes(fingerprint)), default);

            if (answer is Claim.Acquired acquired && fence != 0 && !_grants.Contains((token, fence, acquired.Fence)))
            {
                if (_grants.Count > 0 && acquired.Fence <= _grants[^1].Store)
                {
                    return ("claim", "a greater fence", "a fence that does not grow");
                }

                _grants.Add((token, fence, acquired.Fence));
            }

            return ($"claim {name} {token} {onCrash} '{fingerprint}'", expected, Say(answer));
        }

        private async Task<(string, string, string)> WriteAsync(string write, IdempotencyKey key, string name, TimeSpan time)
        {
            if (_grants.Count == 0)
            {
                return (write, "", "");
            }

            // Mostly a grant of late, sometimes with another's token.
            var (token, model, store) = _grants[^(1 + _random.Next(Math.Min(12, _grants.Count)))];
            token = _random.Next(10) == 0 ? _tokens[_random.Next(Tokens)] : token;
            var owner = new Ownership(token, store);
            var outcome = _random.Next(1000).ToString(CultureInfo.InvariantCulture);
            var (expected, answer) = write switch
            {
                "renew" => (_model.Renew(name, token, model, time), await Store.RenewAsync(key, owner, time, default)),
                "complete" => (_model.Finish(name, token, model, outcome, false, time), await Store.CompleteAsync(key, owner, Outcome(outcome), time, default)),
                "fail" => (_model.Finish(name, token, model, outcome, true, time), await Store.CompleteAsync(key, owner, Outcome(outcome, true), time, default)),
                _ => (_model.Release(name, token, model), await Store.ReleaseAsync(key, owner, default)),
            };
            return ($"{write} {name} {owner}", expected ? "Accepted" : "Fenced", answer.ToString());
        }

        private async Task<(string, string, string)> AbandonAsync(IdempotencyKey key, string name)
        {
            var token = _tokens[_random.Next(Tokens)];
            _model.Abandon(name, token);
            await Store.AbandonAsync(key, token, default);
            return ($"abandon {name} {token}", "", "");
        }

        private async Task<(string, string, string)> ResolveAsync(IdempotencyKey key, string name, TimeSpan retention)
        {
            var (model, store) = (_model.Find(name)?.Version ?? 0, (await Store.GetAsync(key, default))?.Version ?? 0);
            _versions.Enqueue((name, model, store));
            if (_versions.Count > 20 && _versions.Dequeue() is var old && _random.Next(4) == 0 && old.Key == name)
            {
                (model, store) = (old.Model, old.Store);
            }

            var outcome = _random.Next(2) == 0 ? null : "resolved";
            var isFailure = _random.Next(2) == 0;
            var expected = _model.Resolve(name, model, outcome, isFailure, retention);
            var actual = await Store.ResolveAsync(key, store, outcome is null ? null : Outcome(outcome, isFailure), retention, default);
            return ($"resolve {name} {store} {outcome}", expected.ToString(), actual.ToString());
        }

        /// <summary>New keys sweep too, so the store may have less left to remove; what it has afterwards is compared.</summary>
        private async Task<(string, string, string)> PurgeAsync()
        {
            var (most, removed) = (_model.Purge(), await Store.PurgeAsync(100, default));
            return ("purge", $"at most {most}", removed <= most ? $"at most {most}" : $"{removed}");
        }

        private (string, string, string) Pass(TimeSpan time)
        {
            _model.Now += time;
            _time.Advance(time);
            return ($"pass {time}", "", "");
        }

        /// <summary>After every operation the record itself is compared.</summary>
        private async Task<(string, string, string)> GetAsync(string operation, IdempotencyKey key, string name)
        {
            var expected = _model.Find(name) is { } entry
                ? $"{entry.State}, attempt {entry.Attempt}, expires {entry.ExpiresAt}, {entry.Outcome}"
                  + (entry.State == RecordState.InProgress ? $", lease {entry.LeaseUntil}" : "")
                : "none";
            var record = await Store.GetAsync(key, default);
            var start = new FakeTimeProvider().GetUtcNow();
            var actual = record is null
                ? "none"
                : $"{record.State}, attempt {record.Attempt}, expires {record.ExpiresAt - start}, {Text(record.Outcome)}"
                  + (record.LeaseUntil is { } lease ? $", lease {lease - start}" : "");
            return (operation, expected, actual);
        }

        private static StoredOutcome Outcome(string text, bool isFailure = false) => new(isFailure, Encoding.UTF8.GetBytes(text));

        private static string? Text(StoredOutcome? outcome) => outcome is null ? null : Encoding.UTF8.GetString(outcome.Payload.Span);

        private static string Say(Claim answer) => answer switch
        {
            Claim.Acquired acquired => $"acquired, attempt {acquired.Attempt}, taken over {acquired.TakenOver}",
            Claim.Busy busy => $"busy, attempt {busy.Attempt}, remaining {busy.Remaining}",
            Claim.InDoubt doubt => $"in doubt, attempt {doubt.Attempt}",
            Claim.Finished finished => $"finished with {Text(finished.Outcome)}",
            _ => ReferenceEquals(answer, Claim.Stale) ? "stale" : ReferenceEquals(answer, Claim.Mismatch) ? "mismatch" : answer.ToString(),
        };
    }
}
