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

    /// <summary>The package for tests.</summary>
    public string TestingPackage => Path.Combine(Feed, $"Idempotency.Testing.{Version}.nupkg");

    public static string Version => typeof(IdempotencyGuard).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public async Task InitializeAsync()
    {
        await PackAsync("Idempotency.Runtime");
        await PackAsync("Idempotency.Testing");
    }

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
