namespace Idempotency.Runtime.Tests;

/// <summary>Directories in memory where the system has such, for tests that care about files and not about disks.</summary>
internal static class FastFolder
{
    private const string Memory = "/dev/shm";

    public static string Create() => Directory.Exists(Memory)
        ? Directory.CreateDirectory(Path.Combine(Memory, "idempotency-" + Path.GetRandomFileName())).FullName
        : Directory.CreateTempSubdirectory("idempotency-").FullName;
}
