using System.Security.Cryptography;

namespace Idempotency.Keys;

/// <summary>
/// Makes a key's identity outside the process: SHA-256 of the canonical bytes, or HMAC-SHA-256 where a secret is set. Never a
/// shorter or faster hash, because arguments come from attackers.
/// </summary>
internal sealed class KeyHasher(byte[]? secret)
{
    public const int HashLength = SHA256.HashSizeInBytes;

    private readonly byte[]? _secret = secret?.ToArray();

    public void Hash(ReadOnlySpan<byte> bytes, Span<byte> hash)
    {
        if (_secret is null)
        {
            SHA256.HashData(bytes, hash);
        }
        else
        {
            HMACSHA256.HashData(_secret, bytes, hash);
        }
    }
}
