namespace Idempotency.Storage.Files;

/// <summary>
/// The results that were stored or read last, one behind the other, up to a bound; then the oldest make room. Added to by one thread
/// at a time; any thread may find one meanwhile.
/// </summary>
/// <remarks>In a few large pieces: the collector would look at a million small ones again and again, while callers wait.</remarks>
internal sealed class ResultCache
{
    /// <summary>The longest result that is kept.</summary>
    public const int Longest = 1 << ChunkBits;

    private const int ChunkBits = 16; // not a large object yet
    private const int Chunks = 1024;

    private readonly Chunk?[] _chunks = new Chunk?[Chunks];
    private Chunk _last = new(0, []);
    private int _used = Longest;

    /// <returns>Where the result is; 0, where none ever is, if there is nothing to keep or too much.</returns>
    public long Add(ReadOnlySpan<byte> result)
    {
        if (result.Length is 0 or > Longest)
        {
            return 0;
        }

        if (_used + result.Length > Longest)
        {
            _last = new Chunk(_last.Number + 1, new byte[Longest]);
            _used = 0;
            Volatile.Write(ref _chunks[_last.Number % Chunks], _last);
        }

        var at = (_last.Number << ChunkBits) + _used;
        result.CopyTo(_last.Bytes.AsSpan(_used));
        _used += result.Length;
        return at;
    }

    /// <returns>The result, or nothing when it had to make room or was never kept.</returns>
    public ReadOnlyMemory<byte>? Find(long at, int length)
    {
        if (length == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var (number, offset) = (at >> ChunkBits, (int)(at & (Longest - 1)));
        if (Volatile.Read(ref _chunks[number % Chunks]) is { } chunk && chunk.Number == number)
        {
            return chunk.Bytes.AsMemory(offset, length);
        }

        return null;
    }

    private sealed record Chunk(long Number, byte[] Bytes);
}
