using System.Buffers;

namespace Idempotency.AspNetCore.Responses;

/// <summary>
/// What a handler writes its response to. Nothing leaves while its outcome is not stored: the bytes are held back until the handler has ended, or, of a
/// response that is too large to keep or wants to be streamed, until the store knows that the key is used up.
/// </summary>
/// <param name="limit">The largest response that is held back, in bytes.</param>
/// <param name="isStreamed">Asks, when the handler flushes, whether its response is one that clients read while it is written.</param>
internal sealed class CapturedBody(int limit, Func<bool> isStreamed) : Stream
{
    private readonly ArrayBufferWriter<byte> _held = new();
    private TaskCompletionSource? _wantsStream; // hardly any response needs them
    private TaskCompletionSource? _mayStream;
    private Stream? _open;

    /// <summary>Completes when the handler waits for its response to be let through. It writes nothing meanwhile.</summary>
    public Task StreamWanted => Ensure(ref _wantsStream).Task;

    /// <summary>Whether the handler wants every byte sent as it is written.</summary>
    public bool IsUnbuffered { get; set; }

    /// <summary>What was written so far.</summary>
    public ReadOnlyMemory<byte> Held => _held.WrittenMemory;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Sends what was held back, and whatever is written from now on.</summary>
    public async Task OpenAsync(Stream response)
    {
        await response.WriteAsync(_held.WrittenMemory).ConfigureAwait(false);
        _open = response;
        Ensure(ref _mayStream).TrySetResult();
    }

    /// <summary>Forgets what was held back.</summary>
    public void Clear() => _held.ResetWrittenCount();

    /// <summary>Throws at the handler that waits, because its response must not leave.</summary>
    public void Refuse(Exception reason) => Ensure(ref _mayStream).TrySetException(reason);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_open is { } response)
        {
            return response.WriteAsync(buffer, cancellationToken);
        }

        if (!IsUnbuffered && buffer.Length <= limit - _held.WrittenCount)
        {
            _held.Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        return WaitAndWriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_open is { } response)
        {
            return response.FlushAsync(cancellationToken);
        }

        return IsUnbuffered || isStreamed() ? WaitAndFlushAsync(cancellationToken) : Task.CompletedTask;
    }

    // A synchronous write cannot wait for the store without blocking the very thread that would ask it: it is held back, however large.
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_open is { } response)
        {
            response.Write(buffer);
        }
        else
        {
            _held.Write(buffer);
        }
    }

    public override void Flush() => _open?.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
