using System.Text;
using Idempotency.Keys;

namespace Idempotency.Runtime.Tests;

/// <summary>Makes keys as the guard does: an operation's header and canonical arguments.</summary>
internal static class TestKeys
{
    public delegate void Writing(ref KeyWriter key);

    public static KeyHasher Hasher { get; } = new(secret: null);

    /// <summary>What <paramref name="write"/> adds, without a header.</summary>
    public static byte[] Bytes(Writing write, int buffer = 256)
    {
        var key = new KeyWriter(default, stackalloc byte[buffer]);
        try
        {
            write(ref key);
            return key.Key.ToArray();
        }
        finally
        {
            key.Dispose();
        }
    }

    public static string Hex(Writing write) => Convert.ToHexStringLower(Bytes(write));

    public static IdempotencyKey Of(string argument, string operation = "tests.charge", KeyHasher? hasher = null)
    {
        var header = new IdempotentOperation<NoResult>(operation).KeyHeader;
        var key = new KeyWriter(header, stackalloc byte[256]);
        try
        {
            key.Add(argument);
            return new IdempotencyKey(operation, key.Key.ToArray(), hasher ?? Hasher);
        }
        finally
        {
            key.Dispose();
        }
    }

    public static ReadOnlyMemory<byte> Fingerprint(string text) => Encoding.UTF8.GetBytes(text);
}
