using Idempotency.Keys;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>Commands as the store sends them: each with a deadline, and with failures that say what to do.</summary>
internal sealed class RedisCommands(RedisLink link, TimeSpan timeout, TimeProvider time)
{
    /// <summary>Never a replica, which the client would fall back to: it may not know the newest record.</summary>
    public const CommandFlags Primary = CommandFlags.DemandMaster;

    public async ValueTask<RedisLink.Opened> OpenAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        var opening = link.OpenAsync();
        if (opening.IsCompletedSuccessfully)
        {
            return opening.Result; // known, as from the second call on it is
        }

        try
        {
            return await AnswerAsync(opening.AsTask(), key, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            // Thrown on, as what is known of it. The client goes on, and what it finds out meets whoever calls until then.
            throw RedisFailure.NotOpened(late.InnerException ?? late, link.Servers);
        }
    }

    public Task<RedisValue> GetAsync(RedisLink.Opened opened, RedisKey name, IdempotencyKey key, CancellationToken cancellationToken) =>
        AnswerAsync(opened.Database.StringGetAsync(name, Primary), key, cancellationToken);

    /// <param name="opened">Where to.</param>
    /// <param name="script">The script.</param>
    /// <param name="names">Its keys.</param>
    /// <param name="values">Its arguments.</param>
    /// <param name="key">What failures name.</param>
    /// <param name="replicas">Who has to have what it writes before it counts as answered; nobody when absent.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    public async Task<RedisResult> EvaluateAsync(
        RedisLink.Opened opened,
        RedisScript script,
        RedisKey[] names,
        RedisValue[] values,
        IdempotencyKey key,
        RedisReplicas? replicas,
        CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(() => opened.Database.ScriptEvaluateAsync(script.Hash, names, values, Primary)).ConfigureAwait(false);
        }
        catch (IOException failure) when (IsUnknownScript(failure))
        {
            // The server was restarted, flushed its scripts or is a new one; it remembers this one from now on. Nothing was done.
            return await SendAsync(() => opened.Database.ScriptEvaluateAsync(script.Text, names, values, Primary | CommandFlags.NoScriptCache)).ConfigureAwait(false);
        }

        Task<RedisResult> SendAsync(Func<Task<RedisResult>> send) =>
            replicas is null ? AnswerAsync(send(), key, cancellationToken) : replicas.AnswerAsync(opened, send, key, cancellationToken);
    }

    /// <summary>Waits for an answer no longer than the options allow.</summary>
    public async Task<T> AnswerAsync<T>(Task<T> command, IdempotencyKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await command.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is TimeoutException or RedisException)
        {
            // Explained and thrown on, as what the guard takes for an answer that did not come.
            Observe(command);
            throw RedisFailure.Explain(failure, link.Servers, key);
        }
        finally
        {
            // The client may be on the thread that hands out all answers, one after the other. What comes next may be a body that blocks
            // it, and with it every other call and its own renewals: so on another one.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
    }

    private static bool IsUnknownScript(IOException failure) =>
        failure.InnerException is RedisServerException { Message: var message } && message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>A command that is no longer waited for may still fail; that is known already.</summary>
    public static void Observe(Task command) => command.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
