using System.Globalization;
using System.Security.Cryptography;

namespace Idempotency.Storage.Files;

/// <summary>Names one opened store, in the file whose lock says that it lives and in the claims it holds. Random, never used again.</summary>
internal readonly record struct ProcessId(ulong Value)
{
    public static ProcessId New()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return new ProcessId(BitConverter.ToUInt64(bytes));
    }

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
