using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>
/// The keys whose bodies the present flow of control is inside of. A call for one of them would wait for itself for ever.
/// </summary>
internal sealed class HeldKey
{
    private static readonly AsyncLocal<HeldKey?> s_innermost = new();

    private readonly IIdempotencyStore _store;
    private readonly IdempotencyKey _key;
    private HeldKey? _outer;
    private volatile bool _isEnded;

    private HeldKey(IIdempotencyStore store, IdempotencyKey key)
    {
        _store = store;
        _key = key;
        _outer = s_innermost.Value;
    }

    /// <summary>Marks the key as held by this flow and by everything it starts, until <see cref="End"/>.</summary>
    public static HeldKey Begin(IIdempotencyStore store, IdempotencyKey key) => s_innermost.Value = new HeldKey(store, key);

    /// <summary>Whether this flow is inside a body that runs under this key.</summary>
    public static bool Contains(IIdempotencyStore store, ReadOnlySpan<byte> key)
    {
        for (var held = s_innermost.Value; held is not null; held = held._outer)
        {
            if (!held._isEnded && ReferenceEquals(held._store, store) && key.SequenceEqual(held._key.Canonical))
            {
                return true;
            }

            // What a body left running carries its key along; without this a flow that starts itself again would collect them all.
            while (held._outer is { _isEnded: true } ended)
            {
                held._outer = ended._outer;
            }
        }

        return false;
    }

    /// <summary>The body has ended; what it started and left running may call the key again.</summary>
    public void End() => _isEnded = true;
}
