using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>Runs steps on connections of the pool, none for longer than it may take.</summary>
internal sealed class Connections(NpgsqlDataSource source, Func<NpgsqlConnection, CancellationToken, Task> check, Faults faults, TimeProvider time)
{
    /// <summary>For what comes before the table is as it should be.</summary>
    public Connections WithoutCheck => new(source, static (_, _) => Task.CompletedTask, faults, time);

    /// <param name="limit">How long it may take.</param>
    /// <param name="step">What to do.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="TimeoutException">There was no answer; whether the step was applied is unknown.</exception>
    public async ValueTask<TAnswer> UseAsync<TAnswer>(
        TimeSpan limit, Func<NpgsqlConnection, CancellationToken, Task<TAnswer>> step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await Patience.AwaitAsync(stop => RunAsync(step, stop), limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Patience.OutOfPatienceException)
        {
            throw faults.NoAnswer(limit); // with what to look for
        }
        catch (Exception failure) when (faults.Explain(failure) is { } explained)
        {
            throw explained; // with what to do
        }
    }

    /// <summary>Opens one that the caller keeps and disposes of.</summary>
    /// <exception cref="TimeoutException">There was no answer.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<NpgsqlConnection>? opening = null;
        try
        {
            return await Patience.AwaitAsync(stop => opening = OpenAsync(stop), limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Whatever failed: one that opens after all has nobody to use it.
            _ = opening?.ContinueWith(
                static opened => opened.Result.DisposeAsync().AsTask(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw failure is Patience.OutOfPatienceException ? faults.NoAnswer(limit) : faults.Explain(failure) ?? failure;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken stop)
    {
        var connection = await source.OpenConnectionAsync(stop).ConfigureAwait(false);
        try
        {
            await check(connection, stop).ConfigureAwait(false);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw; // whatever failed
        }
    }

    private async Task<TAnswer> RunAsync<TAnswer>(Func<NpgsqlConnection, CancellationToken, Task<TAnswer>> step, CancellationToken stop)
    {
        var connection = await source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await check(connection, stop).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested(); // let go while it was opened: nothing is sent that nobody waits for
        return await step(connection, stop).ConfigureAwait(false);
    }
}
