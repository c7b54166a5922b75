using System.Security.Cryptography;
using System.Text;

namespace Idempotency.Redis;

/// <summary>A script, and the hash by which a server knows it.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Claim = Load("claim");
    public static readonly RedisScript Complete = Load("complete");
    public static readonly RedisScript Renew = Load("renew");
    public static readonly RedisScript Release = Load("release");
    public static readonly RedisScript Abandon = Load("abandon");
    public static readonly RedisScript Resolve = Load("resolve");
    public static readonly RedisScript Watch = Load("watch");
    public static readonly RedisScript Facts = Load("facts");

    public RedisScript(string text)
    {
        Text = text;
#pragma warning disable CA5350 // not for security: it is how Redis names scripts
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    public byte[] Hash { get; }

    private static RedisScript Load(string name) => new(Read(name).Replace("-- include record\n", Read("record"), StringComparison.Ordinal));

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
