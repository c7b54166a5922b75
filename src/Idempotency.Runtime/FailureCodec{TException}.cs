namespace Idempotency;

/// <inheritdoc cref="FailureCodec"/>
public sealed class FailureCodec<TException> : FailureCodec
    where TException : Exception
{
    private readonly Func<FailureData, TException> _restore;
    private readonly Action<TException, FailureData>? _save;

    /// <summary>Makes a codec.</summary>
    /// <param name="restore">Makes the exception again from what was stored.</param>
    /// <param name="save">Adds what the message alone does not tell. Nothing is added when absent.</param>
    public FailureCodec(Func<FailureData, TException> restore, Action<TException, FailureData>? save = null)
        : base(typeof(TException))
    {
        ArgumentNullException.ThrowIfNull(restore);
        _restore = restore;
        _save = save;
    }

    internal override void Save(Exception failure, FailureData data) => _save?.Invoke((TException)failure, data);

    internal override Exception Restore(FailureData data) => _restore(data);
}
