namespace Idempotency.Benchmarks.Load;

/// <summary>A line of a comparison: one way beside another that was measured by turns with it.</summary>
/// <param name="Way">The calls measured.</param>
/// <param name="Beside">The calls they are compared with; <see langword="null"/> where there are none.</param>
/// <param name="Goal">What the ratio should be at least, by the number of callers; <see langword="null"/> where nothing is asked.</param>
internal sealed record Pair(string Way, string? Beside = null, Func<int, double?>? Goal = null);
