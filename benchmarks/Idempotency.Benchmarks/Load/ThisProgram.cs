namespace Idempotency.Benchmarks.Load;

internal static class ThisProgram
{
    /// <summary>Where it is, to be started once more, however it was started itself.</summary>
    public static string Path { get; } = System.IO.Path.ChangeExtension(typeof(ThisProgram).Assembly.Location, OperatingSystem.IsWindows() ? "exe" : null);
}
