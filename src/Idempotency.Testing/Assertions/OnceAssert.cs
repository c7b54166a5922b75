using System.Text.Json;

namespace Idempotency.Testing;

/// <summary>Asserts that code behind a guard has its effect once, whoever calls it at once and wherever its process dies.</summary>
/// <remarks>
/// Every assertion makes stores and guards of its own, in memory, so a call may use the same arguments each time. It needs no test framework:
/// what does not hold is an <see cref="OnceAssertionException"/>.
/// </remarks>
public static partial class OnceAssert
{
    /// <summary>Asserts that callers at once, in two processes, have one effect together and all get the same result.</summary>
    /// <remarks>
    /// A caller that is told that another is still running calls again when that one has ended, as clients do. One that is refused as a
    /// duplicate, under <see cref="OnDuplicate.Throw"/>, has no result to compare.
    /// </remarks>
    /// <param name="build">Makes what is tested, on a guard; called once for each of the two processes.</param>
    /// <param name="call">Makes the call, with the same arguments each time.</param>
    /// <param name="effects">How many effects there were so far, such as charges that a fake gateway counted.</param>
    /// <param name="callers">How many callers there are; 16 by default, at least 2.</param>
    /// <param name="options">The guards' options; the defaults when absent.</param>
    /// <returns>The result that the callers got.</returns>
    /// <exception cref="OnceAssertionException">There was no effect or more than one, or the results differ, or a caller failed.</exception>
    public static async Task<TResult> HasOneEffectUnderConcurrencyAsync<TSystem, TResult>(
        Func<IdempotencyGuard, TSystem> build,
        Func<TSystem, Task<TResult>> call,
        Func<int> effects,
        int callers = 16,
        IdempotencyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(effects);
        ArgumentOutOfRangeException.ThrowIfLessThan(callers, 2);
        var store = new MemoryStore();
        using var one = IdempotencyGuard.Create(store, options);
        using var other = IdempotencyGuard.Create(store, options);
        TSystem[] processes = [build(one), build(other)];
        var before = effects();

        var answers = await Threads.AtOnceAsync(callers, caller => AnswerAsync(processes[caller % 2], call)).ConfigureAwait(false);
        var refused = answers.Count(static answer => answer.Failure is OperationInProgressException);
        var later = new List<Answer<TResult>>();
        for (var caller = 0; caller < refused; caller++)
        {
            later.Add(await AnswerAsync(processes[caller % 2], call).ConfigureAwait(false));
        }

        var happened = effects() - before;
        if (answers.Concat(later).FirstOrDefault(static answer => answer.Failure is not (null or OperationInProgressException or DuplicateOperationException))
            is { Failure: { } failure })
        {
            throw new OnceAssertionException($"One of {callers} callers failed with {failure.GetType().Name}, and there were {happened} effects: {failure.Message}", failure);
        }

        if (happened != 1)
        {
            throw new OnceAssertionException($"{callers} callers at once had {happened} effects; they must have 1 together.");
        }

        List<TResult> results = [.. answers.Concat(later).Where(static answer => answer.Failure is null).Select(static answer => answer.Result!)];
        if (results.Count == 0)
        {
            throw new OnceAssertionException($"None of {callers} callers got a result, although there was an effect.");
        }

        foreach (var result in results.Where(result => !IsSame(results[0], result)))
        {
            throw new OnceAssertionException($"Callers got different results: {Show(results[0])} and {Show(result)}.");
        }

        return results[0];
    }

    /// <inheritdoc cref="HasOneEffectUnderConcurrencyAsync{TSystem, TResult}"/>
    /// <returns>A task that ends when all callers have.</returns>
    public static Task HasOneEffectUnderConcurrencyAsync<TSystem>(
        Func<IdempotencyGuard, TSystem> build, Func<TSystem, Task> call, Func<int> effects, int callers = 16, IdempotencyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(call);
        return HasOneEffectUnderConcurrencyAsync(build, WithoutResult(call), effects, callers, options);
    }

    private static Func<TSystem, Task<string>> WithoutResult<TSystem>(Func<TSystem, Task> call) => async system =>
    {
        await call(system).ConfigureAwait(false);
        return "done";
    };

    private static async Task<Answer<TResult>> AnswerAsync<TSystem, TResult>(TSystem system, Func<TSystem, Task<TResult>> call)
    {
        try
        {
            return new Answer<TResult>(await call(system).ConfigureAwait(false), null);
        }
#pragma warning disable CA1031 // Whatever a call throws is what its caller got; the assertion judges it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return new Answer<TResult>(default, failure);
        }
    }

    /// <summary>Results are compared as values: a replayed one is read back from what was stored, and need not define equality.</summary>
    private static bool IsSame<TResult>(TResult one, TResult other) =>
        EqualityComparer<TResult>.Default.Equals(one, other) || Show(one) == Show(other);

    private static string Show<TResult>(TResult result) => JsonSerializer.Serialize(result);

    private sealed record Answer<TResult>(TResult? Result, Exception? Failure);
}
