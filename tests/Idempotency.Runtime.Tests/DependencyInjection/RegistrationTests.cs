using Idempotency.Execution;
using Idempotency.Keys;
using Idempotency.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Idempotency.Runtime.Tests.DependencyInjection;

public sealed class RegistrationTests
{
    private static readonly IdempotentOperation<int> s_operation = new("test.operation");

    [Fact]
    public async Task AddIdempotency_is_all_there_is_to_configure()
    {
        await using var services = new ServiceCollection().AddIdempotency().Services.BuildServiceProvider(validateScopes: true);
        var guard = services.GetRequiredService<IdempotencyGuard>();
        var runs = 0;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, await guard.RunAsync(s_operation, "key", _ => Task.FromResult(++runs)));
        }

        Assert.NotNull(services.GetRequiredService<IdempotencyOperator>());
        Assert.Same(guard, services.GetRequiredService<IdempotencyGuard>());
    }

    [Fact]
    public async Task Adding_it_twice_adds_to_what_was_configured()
    {
        var collection = new ServiceCollection();
        var store = new MemoryStore();
        collection.AddIdempotency(options => options.DefaultTtl = TimeSpan.FromDays(2)).UseStore(_ => store);
        collection.AddIdempotency(options => options.DefaultLease = TimeSpan.FromMinutes(1));
        await using var services = collection.BuildServiceProvider();

        await services.GetRequiredService<IdempotencyGuard>().RunAsync(s_operation, "key", _ => Task.FromResult(1));

        Assert.Equal(1, store.Count);
        var options = services.GetRequiredService<IOptions<IdempotencyOptions>>().Value;
        Assert.Equal((TimeSpan.FromDays(2), TimeSpan.FromMinutes(1)), (options.DefaultTtl, options.DefaultLease));
    }

    [Fact]
    public async Task Operations_that_name_a_store_use_it()
    {
        var (main, payments) = (new MemoryStore(), new MemoryStore());
        var collection = new ServiceCollection();
        collection.AddIdempotency().UseStore(_ => main).AddStore("payments", store => store.UseStore(_ => payments));
        await using var services = collection.BuildServiceProvider();
        var guard = services.GetRequiredService<IdempotencyGuard>();

        await guard.RunAsync(new IdempotentOperation<int>("test.charge") { Store = "payments" }, "key", _ => Task.FromResult(1));

        Assert.Equal((0, 1), (main.Count, payments.Count));
    }

    [Fact]
    public async Task A_store_that_is_not_registered_is_named_together_with_those_that_are()
    {
        var collection = new ServiceCollection();
        collection.AddIdempotency().AddStore("payments", store => store.UseMemoryStore()).AddStore("mails", store => store.UseMemoryStore());
        await using var services = collection.BuildServiceProvider();
        var guard = services.GetRequiredService<IdempotencyGuard>();
        var operation = new IdempotentOperation<int>("test.charge") { Store = "payment" };

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => guard.RunAsync(operation, "key", _ => Task.FromResult(1)));

        Assert.Equal(
            "No idempotency store is named 'payment'. Register it with AddIdempotency().AddStore(\"payment\", store => …). Registered: 'mails', 'payments'.",
            refused.Message);
    }

    [Fact]
    public void A_named_store_that_was_not_chosen_is_refused()
    {
        var builder = new ServiceCollection().AddIdempotency();

        var refused = Assert.Throws<ArgumentException>(() => builder.AddStore("payments", _ => { }));
        Assert.StartsWith("No store was chosen for 'payments'. Call a Use… method on the builder", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => builder.AddStore(" ", store => store.UseMemoryStore()));
    }

    [Fact]
    public async Task Named_memory_stores_have_options_of_their_own()
    {
        var collection = new ServiceCollection();
        collection.AddIdempotency().UseMemoryStore(options => options.Capacity = 1).AddStore("large", store => store.UseMemoryStore());
        await using var services = collection.BuildServiceProvider();
        var guard = services.GetRequiredService<IdempotencyGuard>();
        var large = new IdempotentOperation<int>("test.large") { Store = "large" };

        await guard.RunAsync(s_operation, "1", _ => Task.FromResult(1));
        await guard.RunAsync(large, "1", _ => Task.FromResult(1));
        await guard.RunAsync(large, "2", _ => Task.FromResult(1));
        var full = await Assert.ThrowsAsync<StoreFullException>(() => guard.RunAsync(s_operation, "2", _ => Task.FromResult(1)));
        Assert.Equal(1, full.Capacity);
    }

    [Fact]
    public async Task The_registered_clock_is_used()
    {
        var time = new FakeTimeProvider();
        var collection = new ServiceCollection().AddSingleton<TimeProvider>(time);
        collection.AddIdempotency(options => options.DefaultTtl = TimeSpan.FromHours(1));
        await using var services = collection.BuildServiceProvider();
        var guard = services.GetRequiredService<IdempotencyGuard>();
        var runs = 0;
        Task<int> CallAsync() => guard.RunAsync(s_operation, "key", _ => Task.FromResult(++runs));

        Assert.Equal(1, await CallAsync());
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, await CallAsync());
    }

    [Fact]
    public async Task Options_out_of_range_stop_the_host_from_starting()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddIdempotency(options =>
        {
            options.DefaultLease = TimeSpan.Zero;
            options.KeySecret = new byte[8];
        }).UseMemoryStore(options => options.Capacity = 0);
        using var host = builder.Build();

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        var text = refused.ToString();
        Assert.Contains("IdempotencyOptions.DefaultLease is 00:00:00; it must be from 00:00:00.0010000 to 1.00:00:00.", text, StringComparison.Ordinal);
        Assert.Contains("IdempotencyOptions.KeySecret has 8 bytes; it must have at least 16.", text, StringComparison.Ordinal);
        Assert.Contains("MemoryStoreOptions.Capacity is 0; it must be at least 1.", text, StringComparison.Ordinal);
    }

    public static TheoryData<Action<IdempotencyOptions>, string> OutOfRange => new()
    {
        { options => options.DefaultTtl = TimeSpan.Zero, "DefaultTtl" },
        { options => options.DefaultTtl = TimeSpan.MaxValue, "DefaultTtl" },
        { options => options.DefaultLease = TimeSpan.FromDays(2), "DefaultLease" },
        { options => options.DefaultWaitTimeout = Timeout.InfiniteTimeSpan, "DefaultWaitTimeout" },
        { options => options.StoreTimeout = TimeSpan.Zero, "StoreTimeout" },
        { options => options.ClaimTimeout = TimeSpan.FromDays(1), "ClaimTimeout" },
        { options => options.ExecutionLimit = TimeSpan.Zero, "ExecutionLimit" },
        { options => options.BackgroundCompletion = TimeSpan.FromSeconds(-1), "BackgroundCompletion" },
        { options => options.OnLeaseLost = (OnLeaseLost)7, "OnLeaseLost" },
        { options => options.MaxResultBytes = 0, "MaxResultBytes" },
        { options => options.MaxWaitersPerKey = 0, "MaxWaitersPerKey" },
        { options => options.KeySecret = [], "KeySecret" },
    };

    [Theory, MemberData(nameof(OutOfRange))]
    public void An_option_out_of_range_is_named_with_its_range(Action<IdempotencyOptions> configure, string option)
    {
        var options = new IdempotencyOptions();
        configure(options);

        var refused = Assert.Throws<ArgumentException>(() => IdempotencyGuard.Create(new MemoryStore(), options));
        Assert.StartsWith($"IdempotencyOptions.{option} ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(" it must ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changing_options_later_changes_no_guard()
    {
        var (options, time) = (new IdempotencyOptions(), new FakeTimeProvider());
        using var guard = IdempotencyGuard.Create(new MemoryStore(timeProvider: time), options, time);
        options.DefaultTtl = TimeSpan.FromSeconds(1);
        var runs = 0;
        Task<int> CallAsync() => guard.RunAsync(s_operation, "key", _ => Task.FromResult(++runs));

        Assert.Equal(1, await CallAsync());
        time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(1, await CallAsync());
    }

    [Fact]
    public void A_service_without_a_registered_guard_fails_at_start_with_the_guards_name()
    {
        var collection = new ServiceCollection().AddSingleton<Invoices>();

        var refused = Assert.Throws<AggregateException>(() => collection.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true }));
        Assert.Contains(
            "Unable to resolve service for type 'Idempotency.IdempotencyGuard' while attempting to activate", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guard_that_is_null_is_named_with_what_to_do()
    {
        var refused = Assert.Throws<InvalidOperationException>(() =>
        {
            var key = new KeyWriter(s_operation.KeyHeader, stackalloc byte[64]);
            return GeneratedCall.Run(null, s_operation, ref key, 0, static (_, _) => new ValueTask<int>(1), default);
        });

        Assert.Equal(
            "Operation 'test.operation' has no guard: the IdempotencyGuard it was given is null. Register it with services.AddIdempotency() and let " +
            "the constructor take it, or make one with IdempotencyGuard.Create(store).",
            refused.Message);
    }

    [Fact]
    public void A_synchronous_method_runs_once_on_its_callers_thread()
    {
        using var guard = IdempotencyGuard.Create(new MemoryStore());
        var threads = new List<int>();
        int Call()
        {
            var key = new KeyWriter(s_operation.KeyHeader, stackalloc byte[64]);
            return GeneratedCall.Run(
                guard,
                s_operation,
                ref key,
                threads,
                static (threads, _) =>
                {
                    threads.Add(Environment.CurrentManagedThreadId);
                    return new ValueTask<int>(threads.Count);
                },
                default);
        }

        Assert.Equal(1, Call());
        Assert.Equal(1, Call());
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
    }

    private sealed class Invoices(IdempotencyGuard guard)
    {
        public IdempotencyGuard Guard => guard;
    }
}
