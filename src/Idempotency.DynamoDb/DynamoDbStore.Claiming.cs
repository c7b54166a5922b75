using Idempotency.DynamoDb;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency;

public sealed partial class DynamoDbStore
{
    /// <inheritdoc/>
    /// <exception cref="StoreRefusedException">The table is missing or another's, or the credentials are not accepted; the message says what to do.</exception>
    /// <exception cref="IOException">DynamoDB could not be reached, or has too much to do; whether the claim was granted is unknown.</exception>
    /// <exception cref="TimeoutException">There was no answer in time; whether the claim was granted is unknown.</exception>
    public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        ClaimableKey.Require(key);
        var item = RecordKey.Of(key);
        using var deadline = Begin(cancellationToken);
        try
        {
            return _order.Learn(await ClaimAsync(item, request, deadline).ConfigureAwait(false));
        }
        catch (InvalidDataException failure)
        {
            // The item is there, and not what a store of this version has written.
            return new Claim.Unreadable(failure.Message);
        }
        catch (Exception fault) when (fault is SetupException or UnauthorizedAccessException)
        {
            // Nothing was claimed, and nobody need wait for what will not mend itself.
            throw new StoreRefusedException(key.Operation, key.Text, fault.Message, fault);
        }
    }

    private async Task<Claim> ClaimAsync(RecordKey item, ClaimRequest request, Deadline deadline)
    {
        // Not read, a key is taken for new, and the refusal brings its record. Reading is a fifth of the price of a refused write.
        var seen = _order.ReadsFirst ? await ReadAsync(item, deadline).ConfigureAwait(false) : null;
        Claim.Acquired? tried = null;
        while (true)
        {
            var step = ClaimStep.Decide(seen, request, _time.GetUtcNow(), record => Remaining(item, record), _fences);
            if (step.Write is not { } write)
            {
                return step.Answer;
            }

            var update = await _table.UpdateAsync(write, item, step.Values!, deadline).ConfigureAwait(false);
            var granted = step.Answer as Claim.Acquired;
            if (update.IsApplied)
            {
                // What was refused before had been applied, and only its answer lost, if its fence is met again: a take-over is one still.
                return granted is not null && granted.Fence == tried?.Fence ? tried : step.Answer;
            }

            if (granted is not null && granted.Fence != tried?.Fence)
            {
                tried = granted; // and not its repetition, which does not know of a take-over
            }

            seen = update.Record;
        }
    }
}
