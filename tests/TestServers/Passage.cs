namespace Idempotency.TestServers;

/// <summary>How a piece of an answer gets through a <see cref="TcpProxy"/>.</summary>
/// <param name="Delay">How long it is on its way.</param>
/// <param name="Trickles">Whether it arrives byte by byte.</param>
/// <param name="IsCutShort">Whether only its first half arrives, and then a reset.</param>
public readonly record struct Passage(TimeSpan Delay = default, bool Trickles = false, bool IsCutShort = false);
