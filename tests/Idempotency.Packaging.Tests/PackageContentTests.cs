using System.IO.Compression;
using System.Xml.Linq;
using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Packaging.Tests;

/// <summary>What is in the package: all that is promised, and nothing else.</summary>
[Collection(nameof(PackedPackage))]
public sealed class PackageContentTests(PackedPackage packed)
{
    [Fact]
    public void The_package_has_the_library_the_compiler_part_and_nothing_else() => Assert.Equal(
        [
            "README.md",
            "analyzers/dotnet/cs/Idempotency.CodeFixes.dll",
            "analyzers/dotnet/cs/Idempotency.Generator.dll",
            "build/Idempotency.props",
            "build/Idempotency.targets",
            "buildTransitive/Idempotency.props",
            "buildTransitive/Idempotency.targets",
            "lib/net10.0/Idempotency.Runtime.dll",
            "lib/net10.0/Idempotency.Runtime.xml",
        ],
        Files(packed.Package));

    [Fact]
    public void The_symbols_are_in_a_package_of_their_own() => Assert.Equal(["lib/net10.0/Idempotency.Runtime.pdb"], Files(packed.Symbols));

    [Fact]
    public void The_package_says_what_it_is_and_where_it_comes_from()
    {
        var metadata = Metadata();

        Assert.Equal("Idempotency", Text(metadata, "id"));
        Assert.Equal("MIT", Text(metadata, "license"));
        Assert.Equal("README.md", Text(metadata, "readme"));
        Assert.NotEmpty(Text(metadata, "description"));
        Assert.NotEmpty(Text(metadata, "tags"));
        var repository = metadata.Elements().Single(static element => element.Name.LocalName == "repository");
        Assert.Equal("git", repository.Attribute("type")?.Value);
        Assert.StartsWith("https://", repository.Attribute("url")?.Value, StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{40}$", repository.Attribute("commit")?.Value);
    }

    [Fact]
    public void The_package_depends_on_what_the_central_list_says_and_on_no_compiler()
    {
        var central = XDocument.Load(Repo.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(static entry => entry.Attribute("Include")!.Value, static entry => entry.Attribute("Version")!.Value);
        var group = Assert.Single(Metadata().Descendants(), static element => element.Name.LocalName == "group");

        Assert.Equal("net10.0", group.Attribute("targetFramework")?.Value);
        Assert.All(group.Elements(), dependency =>
        {
            Assert.StartsWith("Microsoft.Extensions.", dependency.Attribute("id")!.Value, StringComparison.Ordinal);
            Assert.Equal(central[dependency.Attribute("id")!.Value], dependency.Attribute("version")!.Value);
        });
    }

    /// <summary>What each needs besides packages of its own kind. Analyzers come with the main one, so that nobody has to ask for them.</summary>
    public static TheoryData<string, string[]> Others => new()
    {
        { "Idempotency.AspNetCore", ["Idempotency", "Idempotency.Http", "Microsoft.AspNetCore.OpenApi", "Microsoft.OpenApi"] },
        { "Idempotency.DynamoDb", ["AWSSDK.Core", "AWSSDK.DynamoDBv2", "Idempotency", "Idempotency.HealthChecks"] },
        { "Idempotency.EntityFrameworkCore", ["Idempotency", "Microsoft.EntityFrameworkCore.Relational"] },
        { "Idempotency.HealthChecks", ["Idempotency", "Microsoft.Extensions.Diagnostics.HealthChecks"] },
        { "Idempotency.Http", ["Idempotency", "Microsoft.Extensions.Http"] },
        { "Idempotency.PostgreSql", ["Idempotency", "Idempotency.HealthChecks", "Npgsql"] },
        { "Idempotency.Redis", ["Idempotency", "Idempotency.HealthChecks", "StackExchange.Redis"] },
        { "Idempotency.Testing", ["Idempotency", "xunit.assert", "xunit.extensibility.core"] },
    };

    [Fact]
    public void Every_other_package_is_looked_at() => Assert.Equal(PackedPackage.Others.Order(StringComparer.Ordinal), Others.Select(static row => (string)row[0]!));

    [Theory, MemberData(nameof(Others))]
    public void Another_package_has_its_library_and_its_own_page_and_needs_what_the_central_list_says(string package, string[] needed)
    {
        var dependencies = Metadata(packed.Of(package), $"{package}.nuspec").Descendants().Where(static element => element.Name.LocalName == "dependency")
            .ToDictionary(static dependency => dependency.Attribute("id")!.Value, static dependency => dependency.Attribute("version")!.Value);

        Assert.Equal(["README.md", $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml"], Files(packed.Of(package)));
        Assert.Equal(needed, dependencies.Keys.Order(StringComparer.Ordinal));
        Assert.All(dependencies.Where(static dependency => dependency.Key.StartsWith("Idempotency", StringComparison.Ordinal)), static dependency => Assert.Equal(PackedPackage.Version, dependency.Value));
    }

    private XElement Metadata() => Metadata(packed.Package, "Idempotency.nuspec");

    private static XElement Metadata(string path, string name)
    {
        using var package = ZipFile.OpenRead(path);
        using var nuspec = package.GetEntry(name)!.Open();
        return XDocument.Load(nuspec).Root!.Elements().Single();
    }

    private static string Text(XElement metadata, string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;

    private static string[] Files(string path)
    {
        using var package = ZipFile.OpenRead(path);
        return [.. package.Entries.Select(static entry => entry.FullName).Where(static name => !IsOfTheFormat(name)).Order(StringComparer.Ordinal)];
    }

    private static bool IsOfTheFormat(string name) =>
        name.StartsWith("_rels/", StringComparison.Ordinal) || name.StartsWith("package/", StringComparison.Ordinal)
        || name == "[Content_Types].xml" || name.EndsWith(".nuspec", StringComparison.Ordinal);
}
