using System.Runtime.CompilerServices;

namespace Idempotency.Keys;

/// <summary>Identifies one intended effect: an operation and its canonical arguments.</summary>
/// <remarks>
/// Inside a process two keys are equal when their canonical bytes are, compared whole. Outside it a key is known by
/// <see cref="Operation"/> and <see cref="Text"/>. A key that came from outside, by <see cref="FromText"/>, has no canonical bytes
/// and is good for looking a record up, not for claiming one.
/// </remarks>
public sealed class IdempotencyKey : IEquatable<IdempotencyKey>
{
    private const int ShortTextLength = 8;

    private static readonly KeyHasher s_withoutSecret = new(secret: null);

    private readonly byte[] _canonical;
    private string? _text;

    /// <param name="space">What the key begins with.</param>
    /// <param name="canonical">The canonical bytes, the space's header included; nobody changes them.</param>
    internal IdempotencyKey(KeySpace space, byte[] canonical)
    {
        Space = space;
        _canonical = canonical;
    }

    internal IdempotencyKey(string operation, byte[] canonical, KeyHasher hasher)
        : this(new KeySpace(operation, KeySpace.HeaderOf(canonical), hasher), canonical)
    {
    }

    private IdempotencyKey(string operation, string text)
        : this(new KeySpace(operation, [], s_withoutSecret), []) => _text = text;

    /// <summary>The operation's stable name.</summary>
    public string Operation => Space.Operation;

    internal KeySpace Space { get; }

    /// <summary>The canonical bytes after the space's header.</summary>
    internal ReadOnlySpan<byte> Arguments => _canonical.AsSpan(Space.Header.Length);

    /// <summary>The canonical bytes; empty for a key that came from outside the process.</summary>
    public ReadOnlySpan<byte> Canonical => _canonical;

    /// <summary>
    /// The identity outside the process: the SHA-256 of the canonical bytes, or the HMAC-SHA-256 where
    /// <see cref="IdempotencyOptions.KeySecret"/> is set, as 64 lower-case hexadecimal digits.
    /// </summary>
    public string Text => _text ?? MakeText();

    /// <summary>Whether it is the key of these arguments.</summary>
    internal bool Is(KeySpace space, ReadOnlySpan<byte> arguments) => arguments.SequenceEqual(Arguments) && Space.IsSameAs(space);

    /// <summary>A key as it is known outside the process, for looking its record up.</summary>
    /// <param name="operation">The operation's stable name.</param>
    /// <param name="text">64 hexadecimal digits, as <see cref="IdempotencyException.Key"/> and <see cref="IdempotencyContext.Key"/> give them.</param>
    /// <exception cref="ArgumentException">The operation is empty, or the text is not 64 hexadecimal digits.</exception>
    public static IdempotencyKey FromText(string operation, string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operation);
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length != 2 * KeyHasher.HashLength || !text.All(char.IsAsciiHexDigit))
        {
            throw new ArgumentException(
                $"A key is {2 * KeyHasher.HashLength} hexadecimal digits, as {nameof(IdempotencyException)}.Key gives it.", nameof(text));
        }

        return new IdempotencyKey(operation, text.ToLowerInvariant());
    }

    /// <summary>A key of these canonical bytes, as the guard makes it where no secret is set. For trying a store out without a guard.</summary>
    /// <param name="operation">The operation's stable name.</param>
    /// <param name="canonical">The canonical bytes, at least one; they are copied.</param>
    /// <exception cref="ArgumentException">The operation or the bytes are empty.</exception>
    public static IdempotencyKey FromCanonical(string operation, ReadOnlySpan<byte> canonical)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operation);
        return canonical.IsEmpty
            ? throw new ArgumentException("A key has at least one canonical byte; calls without a key must not share one.", nameof(canonical))
            : new IdempotencyKey(operation, canonical.ToArray(), s_withoutSecret);
    }

    /// <summary>The operation and the first digits of the identity: what logs and messages may show.</summary>
    public override string ToString() => $"{Operation}/{Text.AsSpan(0, ShortTextLength)}";

    /// <inheritdoc/>
    public bool Equals(IdempotencyKey? other) =>
        other is not null
        && (_canonical.Length > 0 && other._canonical.Length > 0
            ? Canonical.SequenceEqual(other.Canonical)
            : string.Equals(Text, other.Text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IdempotencyKey);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Text, StringComparison.Ordinal);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private string MakeText()
    {
        Span<byte> hash = stackalloc byte[KeyHasher.HashLength];
        Space.Hasher.Hash(_canonical, hash);
        return _text = Convert.ToHexStringLower(hash);
    }
}
