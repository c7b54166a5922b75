namespace Idempotency.Soak;

/// <summary>Makes guarded calls and journals what their callers are told.</summary>
internal sealed class Witness(IdempotencyGuard guard, Journal journal)
{
    /// <summary>Makes one call.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="key">Its key.</param>
    /// <param name="value">What the body will return; no other call's does.</param>
    /// <param name="body">The body. It journals its own start and effect.</param>
    /// <returns>Whether the call returned a result.</returns>
    public async Task<bool> CallAsync(IdempotentOperation<long> operation, string key, long value, Func<IdempotencyContext, Task<long>> body)
    {
        try
        {
            journal.Write(Journal.Returned, key, await guard.RunAsync(operation, key, body));
            return true;
        }
        catch (DeclinedException)
        {
            journal.Write(Journal.Failed, key, value);
        }
        catch (Exception refusal) when (refusal is OperationInProgressException or OperationInDoubtException)
        {
            journal.Write(Journal.Refused, key);
        }
        catch (LeaseLostException)
        {
            journal.Write(Journal.Fenced, key, value);
        }
        catch (OutcomeNotStoredException notStored)
        {
            journal.Write(Journal.NotStored, key, (long)notStored.Result!);
        }
        catch (StoreUnavailableException)
        {
            journal.Write(Journal.Unavailable, key);
        }
        catch (UnreadableRecordException)
        {
            journal.Write(Journal.Unreadable, key);
        }

        return false;
    }
}

/// <summary>What a body throws that fails before its effect.</summary>
internal sealed class DeclinedException : Exception;
