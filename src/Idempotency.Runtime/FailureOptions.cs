namespace Idempotency;

/// <summary>The exceptions that a stored failure may be replayed as. Any other becomes <see cref="OperationFailedException"/>.</summary>
public sealed class FailureOptions
{
    private readonly Dictionary<Type, FailureCodec> _codecs = [];

    /// <summary>
    /// Replays stored failures of exactly this type as this type, made from the message alone. A later registration replaces an
    /// earlier one.
    /// </summary>
    /// <param name="restore">Makes the exception again, for example <c>message => new CardDeclinedException(message)</c>.</param>
    /// <returns>These options, to add another.</returns>
    public FailureOptions Replay<TException>(Func<string, TException> restore)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(restore);
        return Replay<TException>((FailureData failure) => restore(failure.Message));
    }

    /// <summary>
    /// Replays stored failures of exactly this type as this type, made from all that was kept of them. A later registration replaces
    /// an earlier one.
    /// </summary>
    /// <param name="restore">Makes the exception again, for example <c>failure => new CardDeclinedException(failure.Message)</c>.</param>
    /// <param name="save">Adds what the message alone does not tell.</param>
    /// <returns>These options, to add another.</returns>
    public FailureOptions Replay<TException>(
        Func<FailureData, TException> restore, Action<TException, FailureData>? save = null)
        where TException : Exception
    {
        _codecs[typeof(TException)] = new FailureCodec<TException>(restore, save);
        return this;
    }

    internal IReadOnlyCollection<FailureCodec> Codecs => _codecs.Values;

    internal void AddAll(FailureOptions others)
    {
        foreach (var (type, codec) in others._codecs)
        {
            _codecs[type] = codec;
        }
    }
}
