namespace Idempotency.Execution;

/// <summary>
/// A cancellation whose source is made when somebody asks for its token, because most bodies do not. It has no timer and needs no
/// disposal. Safe from any thread; a mutable struct, to be kept in a field.
/// </summary>
internal struct LazyCancellation
{
    private CancellationTokenSource? _source;
    private int _isCancelled;

    public CancellationToken Token
    {
        get
        {
            if (Volatile.Read(ref _isCancelled) != 0)
            {
                return new CancellationToken(canceled: true);
            }

            if (Volatile.Read(ref _source) is not { } source)
            {
                var made = new CancellationTokenSource();
                source = Interlocked.CompareExchange(ref _source, made, null) ?? made;
            }

            // Cancelled meanwhile by somebody who may not have seen the source: both sides write first and then look.
            if (Volatile.Read(ref _isCancelled) != 0)
            {
                source.Cancel();
            }

            return source.Token;
        }
    }

    public void Cancel()
    {
        Interlocked.Exchange(ref _isCancelled, 1);
        Volatile.Read(ref _source)?.Cancel();
    }
}
