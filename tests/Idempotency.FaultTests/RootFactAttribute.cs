using Xunit;

namespace Idempotency.FaultTests;

/// <summary>A test that mounts file systems, freezes processes or cuts networks. Skipped, with the reason, for users who may not; never in CI.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Reason;

    internal static string? Reason { get; } =
        Environment.UserName == "root" || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
            ? null
            : "Mounting file systems, freezing processes and cutting networks needs root: sudo ./test.sh";
}

/// <inheritdoc cref="RootFactAttribute"/>
internal sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = RootFactAttribute.Reason;
}
