using Idempotency.Keys;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>Commands as the store sends them: each with a deadline, and with failures that say what to do.</summary>
internal sealed class RedisCommands(RedisLink link, TimeSpan timeout, TimeProvider time)
{
    public async ValueTask<RedisLink.Opened> OpenAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        var opening = link.OpenAsync();
        return opening.IsCompletedSuccessfully ? opening.Result : await AnswerAsync(opening.AsTask(), key, cancellationToken).ConfigureAwait(false);
    }

    public Task<RedisValue> GetAsync(RedisLink.Opened opened, RedisKey name, IdempotencyKey key, CancellationToken cancellationToken) =>
        AnswerAsync(opened.Database.StringGetAsync(name), key, cancellationToken);

    public async Task<RedisResult> EvaluateAsync(
        RedisLink.Opened opened, RedisScript script, RedisKey[] names, RedisValue[] values, IdempotencyKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(opened.Database.ScriptEvaluateAsync(script.Hash, names, values), key, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure) when (IsUnknownScript(failure))
        {
            // The server was restarted, flushed its scripts or is a new one; it remembers this one from now on. Nothing was done.
            return await AnswerAsync(
                opened.Database.ScriptEvaluateAsync(script.Text, names, values, CommandFlags.NoScriptCache), key, cancellationToken).ConfigureAwait(false);
        }
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
    private static void Observe(Task command) => command.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
