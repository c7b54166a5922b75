using Npgsql;

namespace Idempotency.PostgreSql;

/// <summary>Hears which records have changed, on a connection of its own, which is opened anew when it is lost.</summary>
internal sealed class Listener(NpgsqlDataSource source, string channel, TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isListening;

    /// <summary>Whether what is told now will be heard. What was told while it was not is lost: whoever waits looks for himself too.</summary>
    public bool IsListening => _isListening;

    /// <summary>Ends when it listens, or has found that it cannot yet.</summary>
    public Task Tried => _tried.Task;

    /// <summary>Listens until it is stopped.</summary>
    /// <param name="heard">Is given the text of a key.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Action<string> heard, CancellationToken stop)
    {
        var pause = s_shortestPause;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(heard, stop).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // Whatever was lost, it was only a hint. Waiters look for themselves meanwhile.
            }

            pause = _isListening ? s_shortestPause : pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            _isListening = false;
            _tried.TrySetResult();
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(Action<string> heard, CancellationToken stop)
    {
        var connection = await Patience.AwaitAsync(OpenAsync, limit, time, stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        connection.Notification += (_, notification) => heard(notification.Payload);
        _isListening = true;
        _tried.TrySetResult();
        while (true)
        {
            await connection.WaitAsync(stop).ConfigureAwait(false);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken stop)
    {
        var connection = await source.OpenConnectionAsync(stop).ConfigureAwait(false);
        try
        {
            var command = new NpgsqlCommand($"LISTEN {channel}", connection) { CommandTimeout = 0 };
            await using var _ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            return connection;
        }
        catch
        {
            // Thrown on; only what was opened must not stay behind.
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
