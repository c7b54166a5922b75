namespace Idempotency.Runtime.Tests.Repository;

/// <summary>The repository the tests were built in.</summary>
internal static class Repo
{
    public static string Root { get; } = FindRoot();

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    /// <summary>Source files below a folder, without what builds leave behind, as paths from the root with forward slashes.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path(folder), "*.cs", SearchOption.AllDirectories)
            .Select(static file => System.IO.Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Idempotency.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no Idempotency.sln above {AppContext.BaseDirectory}.");
    }

    /// <summary>The projects that ship and run in a user's process, which these tests reference. What runs in the compiler is none of them.</summary>
    public static IEnumerable<string> ShippedLibraries => Directory.EnumerateFiles(Path("src"), "*.csproj", SearchOption.AllDirectories)
        .Where(static project => !File.ReadAllText(project).Contains("netstandard2.0", StringComparison.Ordinal))
        .Select(static project => System.IO.Path.GetFileNameWithoutExtension(project));
}
