namespace Idempotency.FileStoreBenchmarks;

/// <summary>A line of the table.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Measured">What it came to.</param>
/// <param name="Beside">What it is compared with, measured in the same run.</param>
/// <param name="Ratio">The one to the other.</param>
/// <param name="Goal">What the ratio, or the figure, should be.</param>
internal sealed record Result(string What, string Measured, string Beside, double? Ratio, string Goal);
