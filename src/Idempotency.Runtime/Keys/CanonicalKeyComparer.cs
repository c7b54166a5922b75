using System.Diagnostics.CodeAnalysis;

namespace Idempotency.Keys;

/// <summary>Compares keys by their canonical bytes, whole.</summary>
internal sealed class CanonicalKeyComparer : IEqualityComparer<IdempotencyKey>
{
    public static readonly CanonicalKeyComparer Instance = new();

    private CanonicalKeyComparer()
    {
    }

    public bool Equals(IdempotencyKey? x, IdempotencyKey? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.Canonical.SequenceEqual(y.Canonical));

    public int GetHashCode([DisallowNull] IdempotencyKey obj) => (int)BucketHash.Of(obj.Canonical);
}
