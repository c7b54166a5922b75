using System.Security.Cryptography;
using System.Text;

namespace Idempotency.Redis;

/// <summary>A script, and the hash by which a server knows it.</summary>
internal sealed class RedisScript
{
    private static readonly string[] s_shared = ["record", "fenced"];

    public RedisScript(string text)
    {
        Text = text;
#pragma warning disable CA5350 // not for security: it is how Redis names scripts
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    public byte[] Hash { get; }

    /// <summary>A script of the folder Scripts, with what several share put in where it says so.</summary>
    public static RedisScript Load(string name) => new(
        s_shared.Aggregate(Read(name), static (text, shared) => text.Replace($"-- include {shared}\n", Read(shared), StringComparison.Ordinal)));

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
