namespace Idempotency.Generator.Tests.Infrastructure;

/// <summary>
/// Compares generated files with those that were accepted. A difference leaves a <c>.received.cs</c> beside the verified file;
/// running the tests with <c>SNAPSHOT_ACCEPT=1</c> accepts.
/// </summary>
internal static class Snapshot
{
    private static readonly bool s_accept = Environment.GetEnvironmentVariable("SNAPSHOT_ACCEPT") == "1";

    private static string Folder => Repo.PathOf("tests", "Idempotency.Generator.Tests", "Snapshots");

    public static void Match(GeneratorRun run, string name)
    {
        var differences = new List<string>();
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var generated in run.Result.GeneratedSources)
        {
            var file = Path.Combine(Folder, $"{name}#{generated.HintName[..^".cs".Length]}.verified.cs");
            expected.Add(file);
            var text = $"//HintName: {generated.HintName}\n{generated.SourceText}";
            if (File.Exists(file) && File.ReadAllText(file) == text)
            {
                continue;
            }

            File.WriteAllText(s_accept ? file : file.Replace(".verified.cs", ".received.cs", StringComparison.Ordinal), text);
            if (!s_accept)
            {
                differences.Add(Path.GetFileName(file));
            }
        }

        foreach (var stale in Directory.EnumerateFiles(Folder, $"{name}#*.verified.cs").Where(file => !expected.Contains(file)))
        {
            differences.Add($"{Path.GetFileName(stale)} (no longer generated)");
        }

        Assert.Empty(differences);
    }

    /// <summary>The names that files were accepted for.</summary>
    public static IEnumerable<string> Accepted() => Directory.EnumerateFiles(Folder, "*.verified.cs")
        .Select(static file => Path.GetFileName(file).Split('#')[0]).Distinct();
}
