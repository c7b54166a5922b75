using System.Buffers;

namespace Idempotency.AspNetCore.Responses;

/// <summary>
/// What a handler writes its response to. Nothing leaves while its outcome is not stored: the bytes are held back until the handler has ended, or, of a
/// response that is too large to keep or wants to be streamed, until the store knows that the key is used up.
/// </summary>
/// <param name="limit">The largest response that is held back, in bytes.</param>
/// <param name="isStreamed">
/// Asks, when the handler flushes, whether its response is one that clients read while it is written; <see langword="null"/> when all is held back,
/// however large.
/// </param>
internal sealed class CapturedBody(int limit, Func<bool>? isStreamed) : Stream
{
    private readonly ArrayBufferWriter<byte> _held = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _wantsStream; // hardly any response needs them
    private TaskCompletionSource? _mayStream;
    private Stream? _open;
    private int _sent;
    private bool _isWanted;
    private bool _mayWait;

    /// <summary>Completes when the response wants to be let through. Whatever is written asynchronously from then on waits for that.</summary>
    public Task StreamWanted => Ensure(ref _wantsStream).Task;

    /// <summary>Whether the handler wants every byte sent as it is written.</summary>
    public bool IsUnbuffered { get; set; }

    /// <summary>What was written so far.</summary>
    public ReadOnlyMemory<byte> Held => _held.WrittenMemory;

    public override bool CanRead => false;

    /// <summary>So that a response can be cleared as long as nothing of it has left.</summary>
    public override bool CanSeek => _open is null && _sent == 0;

    public override bool CanWrite => true;

    public override long Length => _held.WrittenCount;

    public override long Position { get => _held.WrittenCount; set => throw new NotSupportedException(); }

    /// <summary>
    /// Says that somebody looks at <see cref="StreamWanted"/> from now on. Until the handler has given its thread back nobody does, and one that blocks
    /// it while it writes would wait for ever: so long everything is held back.
    /// </summary>
    public void AllowWaiting()
    {
        lock (_gate)
        {
            _mayWait = true;
            if (!_isWanted)
            {
                return;
            }
        }

        Ensure(ref _wantsStream).TrySetResult();
    }

    /// <summary>Sends what was held back, and whatever is written from now on.</summary>
    public async Task OpenAsync(Stream response)
    {
        while (NextHeld(response) is { IsEmpty: false } piece)
        {
            await response.WriteAsync(piece).ConfigureAwait(false);
        }

        await response.FlushAsync().ConfigureAwait(false);
        Ensure(ref _mayStream).TrySetResult();
    }

    /// <summary>Throws at the handler that waits, because its response must not leave.</summary>
    public void Refuse(Exception reason) => Ensure(ref _mayStream).TrySetException(reason);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (!MustWait(buffer.Length > limit - _held.WrittenCount))
            {
                _held.Write(buffer.Span);
                return ValueTask.CompletedTask;
            }
        }

        return WaitAndWriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!MustWait(isStreamed?.Invoke() == true))
            {
                return Task.CompletedTask;
            }
        }

        return WaitAndFlushAsync(cancellationToken);
    }

    // A synchronous write cannot wait for the store without blocking the very thread that would ask it: it is held back, however large.
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_gate)
        {
            if (_open is null)
            {
                _held.Write(buffer);
                return;
            }
        }

        _open.Write(buffer);
    }

    public override void Flush() => _open?.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value)
    {
        if (!CanSeek || value != 0)
        {
            throw new NotSupportedException("What was written can only be dropped as a whole, and before anything of it has left.");
        }

        _held.ResetWrittenCount();
    }

    /// <summary>Whether what is written now may not be held back. Under the lock.</summary>
    private bool MustWait(bool isDemanding)
    {
        if (_open is not null)
        {
            return true;
        }

        _isWanted |= isStreamed is not null && (isDemanding || IsUnbuffered);
        return _isWanted && _mayWait;
    }

    private ReadOnlyMemory<byte> NextHeld(Stream response)
    {
        lock (_gate)
        {
            var piece = _held.WrittenMemory[_sent..];
            _sent += piece.Length;
            _open = piece.IsEmpty ? response : null;
            return piece;
        }
    }

    private Task WaitAsync()
    {
        Ensure(ref _wantsStream).TrySetResult();
        return Ensure(ref _mayStream).Task;
    }

    private static TaskCompletionSource Ensure(ref TaskCompletionSource? source) =>
        LazyInitializer.EnsureInitialized(ref source, static () => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async ValueTask WaitAndWriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await WaitAsync().ConfigureAwait(false);
        await _open!.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitAndFlushAsync(CancellationToken cancellationToken)
    {
        await WaitAsync().ConfigureAwait(false);
        await _open!.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
