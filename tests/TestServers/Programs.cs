namespace Idempotency.TestServers;

/// <summary>Finds what the system's packages installed.</summary>
public static class Programs
{
    /// <summary>A program on the path, or in one of the folders where packages put what is not for everybody.</summary>
    public static string Find(string name, string package, params IEnumerable<string> folders)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return path.Concat(folders).Append("/usr/sbin").Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new MissingServerException(name, package);
    }
}
