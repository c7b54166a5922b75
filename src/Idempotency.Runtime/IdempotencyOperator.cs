using Idempotency.Keys;
using Idempotency.Serialization;
using Idempotency.Storage;

namespace Idempotency;

/// <summary>Lets a person look at records and resolve those in doubt, which the guard must not decide alone.</summary>
/// <remarks>Every resolution is logged with who made it.</remarks>
public sealed class IdempotencyOperator
{
    private readonly IdempotencyGuard _guard;

    /// <summary>Works on the stores of a guard.</summary>
    public IdempotencyOperator(IdempotencyGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        _guard = guard;
    }

    /// <summary>The record of a key as it is now; <see langword="null"/> when there is none or it has expired.</summary>
    /// <param name="operation">The operation's stable name, as <see cref="IdempotencyException.Operation"/> gives it.</param>
    /// <param name="key">The key, as <see cref="IdempotencyException.Key"/> gives it.</param>
    /// <param name="store">The named store; the default one when absent.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="ArgumentException">The operation is empty, or the key is not 64 hexadecimal digits.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public async Task<OperationRecord?> FindAsync(string operation, string key, string? store = null, CancellationToken cancellationToken = default)
    {
        var (records, wanted) = (_guard.StoreOf(store), IdempotencyKey.FromText(operation, key));
        try
        {
            return await records.GetAsync(wanted, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // What a store throws does not say which record could not be read.
            throw new StoreUnavailableException(wanted.Operation, wanted.Text, "its record could not be read.", failure);
        }
    }

    /// <summary>
    /// Resolves a record in doubt, or one whose owner's lease is over, unless it has changed since it was read: the owner may have
    /// reported after all, or another person was faster.
    /// </summary>
    /// <param name="record">The record, as <see cref="FindAsync"/> gave it.</param>
    /// <param name="resolution">What was found out.</param>
    /// <param name="resolvedBy">Who says so, for the log.</param>
    /// <param name="retention">How long the outcome is remembered; <see cref="IdempotencyOptions.DefaultTtl"/> when absent.</param>
    /// <param name="store">The named store; the default one when absent.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <returns>
    /// <see langword="true"/> when it was resolved. <see langword="false"/> when the record has changed, or is neither in doubt nor
    /// past its lease: read it again.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="resolvedBy"/> is empty, or the result is larger than <see cref="IdempotencyOptions.MaxResultBytes"/>.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer; the resolution may have been applied.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The retention is not positive.</exception>
    public async Task<bool> ResolveAsync(
        OperationRecord record,
        Resolution resolution,
        string resolvedBy,
        TimeSpan? retention = null,
        string? store = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(resolution);
        ArgumentException.ThrowIfNullOrWhiteSpace(resolvedBy);
        var remembered = retention ?? _guard.Options.DefaultTtl;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(remembered, TimeSpan.Zero, nameof(retention));
        var outcome = resolution.ToEnvelope(_guard.Contracts, record.Key.Operation) is { } envelope
            ? new StoredOutcome(envelope.Kind == EnvelopeKind.Failure, envelope.Write())
            : null;
        if (outcome?.Payload.Length > _guard.Options.MaxResultBytes)
        {
            throw new ArgumentException(
                $"The result has {outcome.Payload.Length} bytes as it is stored, and {nameof(IdempotencyOptions.MaxResultBytes)} is {_guard.Options.MaxResultBytes}.",
                nameof(resolution));
        }

        var records = _guard.StoreOf(store);
        bool isResolved;
        try
        {
            isResolved = await records
                .ResolveAsync(record.Key, record.Version, outcome, remembered, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Whatever failed, the resolution was applied or it was not, and somebody has to know that it was tried.
            _guard.Telemetry.ResolutionUnknown(record.Key, record.Version, resolution, resolvedBy, failure);
            throw new StoreUnavailableException(
                record.Key.Operation, record.Key.Text, "it is not known whether the resolution was applied; read the record again to see.", failure);
        }

        if (isResolved)
        {
            _guard.Telemetry.Resolved(record.Key, record.Version, resolution, resolvedBy);
        }

        return isResolved;
    }
}
