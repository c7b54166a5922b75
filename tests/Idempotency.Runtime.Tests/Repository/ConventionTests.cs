using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Idempotency.Runtime.Tests.Repository;

/// <summary>What is easily forgotten in a review.</summary>
public sealed partial class ConventionTests
{
    /// <summary>A store of one's own throws it, and a full store is a special case of it.</summary>
    private static readonly Type[] s_open = [typeof(StoreUnavailableException)];

    [Fact]
    public void A_public_class_is_sealed_abstract_or_static() =>
        Assert.Empty(typeof(MemoryStore).Assembly.GetExportedTypes()
            .Where(static type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
            .Except(s_open));

    [Fact]
    public void The_runtime_depends_on_Microsoft_Extensions_only()
    {
        var project = XDocument.Load(Repo.Path("src/Idempotency.Runtime/Idempotency.Runtime.csproj"));

        var packages = project.Descendants("PackageReference").Select(static package => package.Attribute("Include")!.Value).ToList();

        Assert.NotEmpty(packages);
        Assert.All(packages, static package => Assert.Matches(@"^Microsoft\.Extensions\.(\w+\.Abstractions|Options)$", package));
        Assert.DoesNotContain(project.Descendants("ProjectReference"), static reference => reference.Attribute("ReferenceOutputAssembly")?.Value != "false");
    }

    [Fact]
    public void A_source_file_can_be_read_in_one_sitting() =>
        Assert.DoesNotContain(Repo.Sources("src"), static file => File.ReadLines(Repo.Path(file)).Count() > 300);

    [Fact]
    public void A_file_is_named_for_what_it_is() =>
        Assert.DoesNotContain(Repo.Sources("src").Concat(Repo.Sources("tests")), static file => Vague().IsMatch(Path.GetFileName(file)));

    [GeneratedRegex("Helper|Manager|Utils")]
    private static partial Regex Vague();
}
