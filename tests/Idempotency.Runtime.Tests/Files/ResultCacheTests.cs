using Idempotency.Storage.Files;
using Xunit;

namespace Idempotency.Runtime.Tests.Files;

public sealed class ResultCacheTests
{
    private readonly ResultCache _cache = new();

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(ResultCache.Longest)]
    public void What_was_kept_is_found(int length)
    {
        var kept = Enumerable.Range(0, 10).Select(i => (at: _cache.Add(Result(length, i)), i)).ToList();

        Assert.All(kept, result => Assert.Equal(Result(length, result.i), _cache.Find(result.at, length)!.Value.ToArray()));
    }

    [Fact]
    public void What_is_too_long_is_not_kept() =>
        Assert.Null(_cache.Find(_cache.Add(new byte[ResultCache.Longest + 1]), ResultCache.Longest + 1));

    [Fact]
    public void Nothing_is_found_where_nothing_was_kept() => Assert.Null(_cache.Find(0, 1));

    [Fact]
    public void No_bytes_are_always_found() => Assert.Empty(_cache.Find(_cache.Add([]), 0)!.Value.ToArray());

    /// <summary>More than there is room for, so that places are used again: a result is what it was, or is not there.</summary>
    [Fact]
    public void The_oldest_make_room_and_are_never_taken_for_others()
    {
        const int Length = 50_000, Results = 3000;
        var places = Enumerable.Range(0, Results).Select(i => _cache.Add(Result(Length, i))).ToList();

        Assert.Null(_cache.Find(places[0], Length));
        Assert.NotNull(_cache.Find(places[^1], Length));
        Assert.All(places.Index(), place => Assert.True(_cache.Find(place.Item, Length) is not { } found || found.Span.SequenceEqual(Result(Length, place.Index))));
    }

    private static byte[] Result(int length, int seed)
    {
        var result = new byte[length];
        new Random(seed).NextBytes(result);
        return result;
    }
}
