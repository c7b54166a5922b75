namespace Idempotency.Redis;

/// <summary>All that is ever asked of a server besides reading a record, one script a step.</summary>
internal sealed record RedisScripts
{
    public static RedisScripts Default { get; } = new();

    public RedisScript Claim { get; init; } = RedisScript.Load("claim");

    public RedisScript Complete { get; init; } = RedisScript.Load("complete");

    public RedisScript Renew { get; init; } = RedisScript.Load("renew");

    public RedisScript Release { get; init; } = RedisScript.Load("release");

    public RedisScript Abandon { get; init; } = RedisScript.Load("abandon");

    public RedisScript Resolve { get; init; } = RedisScript.Load("resolve");

    public RedisScript Watch { get; init; } = RedisScript.Load("watch");

    public RedisScript Facts { get; init; } = RedisScript.Load("facts");
}
