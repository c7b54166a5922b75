using System.Reflection;
using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Packaging.Tests;

/// <summary>A folder with the package, packed from what this run has built.</summary>
public sealed class PackedPackage : IAsyncLifetime
{
    private readonly DirectoryInfo _feed = Directory.CreateTempSubdirectory("idempotency-feed-");

    public string Feed => _feed.FullName;

    public string Package => Path.Combine(Feed, $"Idempotency.{Version}.nupkg");

    public string Symbols => Path.Combine(Feed, $"Idempotency.{Version}.snupkg");

    private static string Version => typeof(IdempotencyGuard).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public Task InitializeAsync() => Shell.RunAsync(
        "dotnet",
        [
            "pack", Repo.PathOf("src", "Idempotency.Runtime"), "--no-build", "-p:BuildProjectReferences=false", "-warnaserror", "-o", Feed,
            "-c", typeof(PackedPackage).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        ]);

    public Task DisposeAsync()
    {
        _feed.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
