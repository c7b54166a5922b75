using System.Runtime.CompilerServices;

namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>Files of the repository the tests were built from.</summary>
internal static class Repo
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    private static string FindRoot([CallerFilePath] string file = "")
    {
        var directory = new FileInfo(file).Directory;
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Idempotency.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException($"No repository around '{file}'.");
    }
}
