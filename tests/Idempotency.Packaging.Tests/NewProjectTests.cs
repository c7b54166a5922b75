using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Packaging.Tests;

/// <summary>The package, used by projects that know nothing of this repository. A script does it, so that a person can too.</summary>
public sealed class NewProjectTests(PackedPackage packed) : IClassFixture<PackedPackage>
{
    [Theory]
    [InlineData("console")]
    [InlineData("web")]
    [InlineData("http")]
    [InlineData("library")]
    [InlineData("stores")]
    [InlineData("tests")]
    [InlineData("baseline")]
    [InlineData("mistake")]
    [InlineData("trimmed")]
    [InlineData("aot")]
    public Task The_package_works(string step) =>
        Shell.RunAsync("bash", [Repo.PathOf("eng", "try-package.sh"), step], ("PACKAGE_FEED", packed.Feed));
}
