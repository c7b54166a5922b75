using Idempotency.Runtime.Tests.Transactions;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>Code that is not handed a context finds the one of the body it runs in, and of no other.</summary>
public sealed class CurrentContextTests
{
    private static readonly IdempotentOperation<int> s_operation = new("test.current");
    private static readonly IdempotentOperation<int> s_inner = new("test.inner");

    [Fact]
    public async Task It_is_the_one_the_body_is_given_also_after_an_await_and_on_another_thread()
    {
        using var test = new TestGuard();
        await test.CallAsync(s_operation, async context =>
        {
            Assert.Same(context, IdempotencyContext.Current);
            await Task.Yield();
            Assert.Same(context, IdempotencyContext.Current);
            Assert.Same(context, await Task.Run(static () => IdempotencyContext.Current));
        });

        Assert.Equal(1, test.Runs);
        Assert.Null(IdempotencyContext.Current);
    }

    [Fact]
    public async Task There_is_none_outside_of_a_body()
    {
        using var test = new TestGuard();
        Assert.Null(IdempotencyContext.Current);
        await test.CallAsync(s_operation);
        Assert.Null(IdempotencyContext.Current);

        await test.CallAsync(s_operation, static _ => throw new InvalidOperationException("A duplicate ran."));
        Assert.Null(IdempotencyContext.Current);
        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(s_operation, static _ => throw new FormatException(), "other"));
        Assert.Null(IdempotencyContext.Current);
    }

    [Fact]
    public async Task A_nested_body_has_its_own_and_gives_back_the_outer_one()
    {
        using var test = new TestGuard();
        await test.CallAsync(s_operation, async outer =>
        {
            await test.CallAsync(s_inner, async inner =>
            {
                Assert.NotSame(outer, inner);
                Assert.Same(inner, IdempotencyContext.Current);
                await Task.Yield();
                Assert.Same(inner, IdempotencyContext.Current);
            });
            Assert.Same(outer, IdempotencyContext.Current);

            await test.CallAsync(s_inner); // a duplicate: no body runs
            Assert.Same(outer, IdempotencyContext.Current);
        });

        Assert.Equal(2, test.Runs);
    }

    [Fact]
    public async Task Bodies_that_run_at_the_same_time_do_not_see_each_other()
    {
        using var test = new TestGuard();
        var (first, second) = (new Gate(), new Gate());
        var calls = new[] { first, second }.Select((gate, i) => test.CallAsync(
            s_operation,
            async context =>
            {
                await gate.PassAsync();
                Assert.Same(context, IdempotencyContext.Current);
            },
            $"key {i}")).ToArray();
        await Task.WhenAll(first.Reached, second.Reached);
        second.Open();
        first.Open();
        await Task.WhenAll(calls);

        Assert.Equal(2, test.Runs);
    }

    [Fact]
    public async Task What_a_body_left_running_has_none_once_the_body_has_ended()
    {
        using var test = new TestGuard();
        var gate = new Gate();
        Task<IdempotencyContext?>? left = null;
        await test.CallAsync(s_operation, context =>
        {
            left = SeenAfterAsync(gate);
            Assert.Same(context, IdempotencyContext.Current);
            return Task.CompletedTask;
        });
        gate.Open();

        Assert.Null(await left!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_body_left_running_has_none_while_the_outcome_is_being_stored(bool fails)
    {
        using var test = new TestGuard();
        var gate = new Gate();
        Task<IdempotencyContext?>? left = null;
        IdempotencyContext? seen = null;
        test.Store.Plan = call =>
        {
            if (call.Operation is StoreOperation.Complete or StoreOperation.Release)
            {
                gate.Open();
                seen = left!.GetAwaiter().GetResult();
                left = null;
            }

            return StoreFault.None;
        };

        await Record.ExceptionAsync(() => test.CallAsync(s_operation, context =>
        {
            left = SeenAfterAsync(gate);
            return fails ? throw new FormatException() : Task.CompletedTask;
        }));

        Assert.Null(left);
        Assert.Null(seen);
    }

    [Fact]
    public async Task What_a_nested_body_left_running_is_inside_of_the_outer_one_until_that_has_ended()
    {
        using var test = new TestGuard();
        var (first, second) = (new Gate(), new Gate());
        Task<IdempotencyContext?>? leftEarly = null, leftLate = null;
        await test.CallAsync(s_operation, async outer =>
        {
            await test.CallAsync(s_inner, _ =>
            {
                leftEarly = SeenAfterAsync(first);
                leftLate = SeenAfterAsync(second);
                return Task.CompletedTask;
            });
            first.Open();
            Assert.Same(outer, await leftEarly!);
        });
        second.Open();

        Assert.Null(await leftLate!);
    }

    [Fact]
    public async Task A_retried_body_has_the_context_of_its_attempt()
    {
        using var test = new TestGuard();
        var seen = new List<IdempotencyContext?>();
        for (var i = 0; i < 2; i++)
        {
            await Record.ExceptionAsync(() => test.CallAsync(s_operation, _ =>
            {
                seen.Add(IdempotencyContext.Current);
                return seen.Count == 1 ? throw new FormatException() : Task.CompletedTask;
            }));
        }

        Assert.NotSame(seen[0], seen[1]);
        Assert.Equal(seen[0]!.Key, seen[1]!.Key);
    }

    [Fact]
    public async Task A_body_in_a_transaction_has_its_own()
    {
        using var test = new TransactionTest();
        var gate = new Gate();
        Task<IdempotencyContext?>? left = null;
        await test.CallAsync(body: async context =>
        {
            Assert.Same(context, IdempotencyContext.Current);
            await Task.Yield();
            Assert.Same(context, IdempotencyContext.Current);
            left = SeenAfterAsync(gate);
        });
        gate.Open();

        Assert.Null(await left!);
        Assert.Null(IdempotencyContext.Current);
        await Assert.ThrowsAsync<FormatException>(() => test.CallAsync(key: "other", body: static _ => throw new FormatException()));
        Assert.Null(IdempotencyContext.Current);
    }

    [Fact]
    public async Task Every_run_of_a_body_whose_transaction_conflicts_has_its_own()
    {
        using var test = new TransactionTest();
        var seen = new List<IdempotencyContext?>();
        await test.EndAsync(test.CallAsync(body: context =>
        {
            Assert.Same(context, IdempotencyContext.Current);
            seen.Add(context);
            return seen.Count == 1 ? throw new DatabaseException("40001", TransactionFate.Conflict) : Task.CompletedTask;
        }));

        Assert.Equal(2, seen.Distinct().Count());
    }

    private static async Task<IdempotencyContext?> SeenAfterAsync(Gate gate)
    {
        await gate.PassAsync();
        return IdempotencyContext.Current;
    }
}
