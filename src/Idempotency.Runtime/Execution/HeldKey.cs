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
    private HeldKey? _outer;

    // Both are let go when they have ended: what a body left running carries this along, for as long as it lives.
    private volatile IdempotencyKey? _key;
    private volatile IdempotencyContext? _body;

    private HeldKey(IIdempotencyStore store, IdempotencyKey key)
    {
        _store = store;
        _key = key;
        _outer = s_innermost.Value;
    }

    /// <summary>The context of the innermost body that this flow is inside of and that has not ended.</summary>
    public static IdempotencyContext? Body
    {
        get
        {
            for (var held = s_innermost.Value; held is not null; held = held._outer)
            {
                if (held._body is { } body)
                {
                    return body;
                }

                held.ForgetEnded();
            }

            return null;
        }
    }

    /// <summary>Marks the key as held by this flow and by everything it starts, until <see cref="End"/>.</summary>
    public static HeldKey Begin(IIdempotencyStore store, IdempotencyKey key) => s_innermost.Value = new HeldKey(store, key);

    /// <summary>Whether this flow is inside a body that runs under this key.</summary>
    public static bool Contains(IIdempotencyStore store, ReadOnlySpan<byte> key)
    {
        for (var held = s_innermost.Value; held is not null; held = held._outer)
        {
            if (held._key is { } running && ReferenceEquals(held._store, store) && key.SequenceEqual(running.Canonical))
            {
                return true;
            }

            held.ForgetEnded();
        }

        return false;
    }

    /// <summary>The body begins.</summary>
    public void BeginBody(IdempotencyContext body) => _body = body;

    /// <summary>The body has ended. Its key is held until that is settled.</summary>
    public void EndBody() => _body = null;

    /// <summary>The key is held no more; what the body started and left running may call it again.</summary>
    public void End()
    {
        _body = null;
        _key = null;
    }

    /// <summary>
    /// What a body left running carries its key along; without this a flow that starts itself again would collect them all.
    /// </summary>
    private void ForgetEnded()
    {
        while (_outer is { _key: null } ended)
        {
            _outer = ended._outer;
        }
    }
}
