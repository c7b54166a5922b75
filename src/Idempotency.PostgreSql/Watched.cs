namespace Idempotency.PostgreSql;

/// <summary>A record in progress, as somebody who waits for it sees it.</summary>
/// <param name="Key">The key's text.</param>
/// <param name="Fence">The owner's.</param>
/// <param name="Left">What is left of its lease, by the server's clock.</param>
internal readonly record struct Watched(string Key, long Fence, TimeSpan Left);
