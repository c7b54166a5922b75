using System.Reflection;
using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Packaging.Tests;

/// <summary>A folder with the packages, packed from what this run has built.</summary>
public sealed class PackedPackage : IAsyncLifetime
{
    private readonly DirectoryInfo _feed = Directory.CreateTempSubdirectory("idempotency-feed-");

    public string Feed => _feed.FullName;

    public string Package => Path.Combine(Feed, $"Idempotency.{Version}.nupkg");

    public string Symbols => Path.Combine(Feed, $"Idempotency.{Version}.snupkg");

    public static string Version => typeof(IdempotencyGuard).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The packages beside the main one, by their names, which are those of their projects.</summary>
    public static IEnumerable<string> Others => Projects.Where(static project => project != "Idempotency.Runtime");

    /// <summary>All that ship; those that run in the compiler are in the main package.</summary>
    private static IEnumerable<string> Projects => Directory.EnumerateDirectories(Repo.PathOf("src")).Select(static folder => Path.GetFileName(folder))
        .Where(static project => project.StartsWith("Idempotency.", StringComparison.Ordinal) && project is not ("Idempotency.Generator" or "Idempotency.CodeFixes"));

    public async Task InitializeAsync()
    {
        foreach (var project in Projects)
        {
            await PackAsync(project);
        }
    }

    public string Of(string package) => Path.Combine(Feed, $"{package}.{Version}.nupkg");

    public Task DisposeAsync()
    {
        _feed.Delete(recursive: true);
        return Task.CompletedTask;
    }

    private Task PackAsync(string project) => Shell.RunAsync(
        "dotnet",
        [
            "pack", Repo.PathOf("src", project), "--no-build", "-p:BuildProjectReferences=false", "-warnaserror", "-o", Feed,
            "-c", typeof(PackedPackage).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        ]);
}

/// <summary>Those who look at the packages, which are packed once for all of them: twice at once, one would write over what the other reads.</summary>
[CollectionDefinition(nameof(PackedPackage))]
public sealed class Packed : ICollectionFixture<PackedPackage>;
