using System.Text.Json.Serialization;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>What the first caller got is what every later one gets.</summary>
public sealed partial class ReplayTests
{
    public static TheoryData<bool> KeepsObjects => [true, false];

    [Theory, MemberData(nameof(KeepsObjects))]
    public async Task Falsy_results_are_results(bool keepsObjects)
    {
        await ReplaysAsync(0, keepsObjects);
        await ReplaysAsync(false, keepsObjects);
        await ReplaysAsync("", keepsObjects);
        await ReplaysAsync<string?>(null, keepsObjects);
        await ReplaysAsync<int?>(null, keepsObjects);
        await ReplaysAsync<int?>(0, keepsObjects);
        await ReplaysAsync(Guid.Empty, keepsObjects);
        await ReplaysAsync(default(NoResult), keepsObjects);
        await ReplaysAsync<Receipt?>(null, keepsObjects);
        await ReplaysAsync<int[]>([], keepsObjects);
    }

    [Theory, MemberData(nameof(KeepsObjects))]
    public async Task Values_replay_as_themselves(bool keepsObjects)
    {
        await ReplaysAsync(1.10m, keepsObjects);
        await ReplaysAsync(double.NaN, keepsObjects);
        await ReplaysAsync(double.PositiveInfinity, keepsObjects);
        await ReplaysAsync(DateTimeOffset.MaxValue, keepsObjects);
        await ReplaysAsync((1, "two", (3, 4L)), keepsObjects);
        await ReplaysAsync(new Receipt("r-1", 12.50m, DateTimeKind.Utc), keepsObjects);
        await ReplaysAsync("\u0000 \ud83d\ude00 <\"'&>", keepsObjects);
        await ReplaysAsync(new List<string?> { "a", null, "" }, keepsObjects);
        await ReplaysAsync(new Dictionary<string, int> { ["b"] = 1, ["a"] = 2 }, keepsObjects);
    }

    [Fact]
    public async Task An_operation_without_a_result_runs_once()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<NoResult>("test.void");
        var runs = 0;
        for (var i = 0; i < 3; i++)
        {
            await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(runs++));
        }

        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task No_caller_can_change_what_another_one_gets()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<List<int>>("test.list");
        var mine = new List<int> { 1 };
        var first = await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(mine));
        mine.Add(2);
        first.Add(3);
        var second = await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(mine));
        second.Add(4);
        var third = await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(mine));

        Assert.Equal([1], third);
    }

    [Fact]
    public async Task An_immutable_result_is_kept_as_the_object_it_is()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<Receipt>("test.immutable") { ResultIsImmutable = true };
        var receipt = new Receipt("r-1", 1m, DateTimeKind.Utc);

        Assert.Same(receipt, await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(receipt)));
        Assert.Same(receipt, await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(receipt)));
    }

    [Fact]
    public async Task An_instance_of_a_derived_type_is_not_trusted_to_be_immutable()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<Money>("test.derived") { ResultIsImmutable = true };
        var money = new TaggedMoney(1m) { Tag = "mine" };

        // It is written as what it is declared as, which loses the tag; so it is not kept at all.
        var lost = await Assert.ThrowsAsync<OutcomeNotStoredException>(
            () => test.Guard.RunAsync<Money>(operation, "key", _ => Task.FromResult<Money>(money)));

        Assert.Same(money, lost.Result);
    }

    [Fact]
    public async Task A_lossy_contract_gives_the_first_caller_what_every_later_one_gets()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<Forgetful>("test.lossy");
        var first = await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(new Forgetful { Kept = 1, Lost = 2 }));
        var second = await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(new Forgetful()));

        Assert.Equal((1, 0), (first.Kept, first.Lost));
        Assert.Equal((1, 0), (second.Kept, second.Lost));
    }

    [Fact]
    public async Task A_registered_context_serializes_with_its_own_options()
    {
        using var test = new TestGuard(options => options.JsonTypeInfoResolvers.Add(TestJson.Default), keepsObjects: false);
        var operation = new IdempotentOperation<Receipt>("test.context");
        var receipt = new Receipt("r-1", 12.50m, DateTimeKind.Local);
        await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(receipt));

        Assert.Equal(receipt, await test.Guard.RunAsync<Receipt>(operation, "key", _ => throw new InvalidOperationException()));
        var claimed = await test.Memory.GetAsync(Idempotency.Keys.IdempotencyKey.FromText("test.context", KeyOf(test)), default);
        Assert.Contains("\"kind\":\"Local\"", System.Text.Encoding.UTF8.GetString(claimed!.Outcome!.Payload.Span), StringComparison.Ordinal);
    }

    private static string KeyOf(TestGuard test)
    {
        string? key = null;
        var other = new IdempotentOperation<int>("test.context");
        try
        {
            test.Guard.RunAsync(other, "key", context => Task.FromResult(1)).GetAwaiter().GetResult();
        }
        catch (UnreadableRecordException refused)
        {
            key = refused.Key;
        }

        return key!;
    }

    private static async Task ReplaysAsync<T>(T result, bool keepsObjects)
    {
        using var test = new TestGuard(keepsObjects: keepsObjects);
        foreach (var isImmutable in new[] { true, false })
        {
            var operation = new IdempotentOperation<T>($"test.{typeof(T)}.{isImmutable}") { ResultIsImmutable = isImmutable };
            var runs = 0;
            Task<T> Body(IdempotencyContext context)
            {
                runs++;
                return Task.FromResult(result);
            }

            var first = await test.Guard.RunAsync(operation, "key", Body);
            var second = await test.Guard.RunAsync(operation, "key", Body);

            Assert.Equal(result, first);
            Assert.Equal(first, second);
            Assert.Equal(1, runs);
        }
    }

    public sealed record Receipt(string Id, decimal Amount, DateTimeKind Kind);

    public record Money(decimal Amount);

    public sealed record TaggedMoney(decimal Amount) : Money(Amount)
    {
        public string? Tag { get; set; }
    }

    public sealed class Forgetful
    {
        public int Kept { get; set; }

        [JsonIgnore]
        public int Lost { get; set; }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(Receipt))]
    private sealed partial class TestJson : JsonSerializerContext;
}
