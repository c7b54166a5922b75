using System.Reflection;
using System.Text.RegularExpressions;
using Idempotency.Storage;
using Xunit;

namespace Idempotency.Runtime.Tests.Repository;

/// <summary>No store is shipped that was not held to the contract.</summary>
public sealed class StoreContractCoverageTests
{
    private static readonly string[] s_tests = [.. Repo.Sources("tests").Select(static file => File.ReadAllText(Repo.Path(file)))];

    public static TheoryData<string> Shipped => [.. Repo.ShippedLibraries];

    [Theory, MemberData(nameof(Shipped))]
    public void Every_store_has_its_contract(string project) => Assert.Empty(StoresWithoutContract(StoresIn(project), s_tests));

    [Fact]
    public void A_store_without_a_contract_is_found()
    {
        string[] sources = ["public sealed class MemoryStoreTests : StoreContract\n{", "class NoStoreTests\n{ /* : StoreContract */ }"];

        Assert.Empty(StoresWithoutContract(["MemoryStore"], sources));
        Assert.Equal(["FileStore", "NoStore"], StoresWithoutContract(["FileStore", "MemoryStore", "NoStore"], sources));
    }

    [Fact]
    public void The_stores_are_found() => Assert.Contains(nameof(MemoryStore), StoresIn("Idempotency.Runtime"));

    /// <summary>Loads the project's assembly, so these tests must reference it: one that they do not reference fails here.</summary>
    private static IEnumerable<string> StoresIn(string project) => Assembly.Load(project).GetExportedTypes()
        .Where(static type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IIdempotencyStore)))
        .Select(static type => type.Name);

    /// <summary>The stores that no test class names as <c>FileStoreTests : StoreContract</c> does, or <c>FileStoreAnythingTests</c>.</summary>
    private static IEnumerable<string> StoresWithoutContract(IEnumerable<string> stores, string[] sources) =>
        stores.Where(store => !Array.Exists(sources, source => Regex.IsMatch(source, $@"class {store}(?:[A-Z]\w*)?Tests : StoreContract\b")));
}
