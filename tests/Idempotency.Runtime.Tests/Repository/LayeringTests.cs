using System.Text.RegularExpressions;
using Xunit;

namespace Idempotency.Runtime.Tests.Repository;

/// <summary>In the runtime a folder is a namespace is a layer, and layers know only the ones below. What users write is at the root.</summary>
public sealed partial class LayeringTests
{
    private const string Runtime = "src/Idempotency.Runtime";

    /// <summary>Folders of the root namespace: what users see in one place need not lie in one heap.</summary>
    private static readonly string[] s_rootFolders = ["", "Exceptions"];

    private static readonly Dictionary<string, string[]> s_mayUse = new()
    {
        ["Keys"] = [],
        ["Serialization"] = [],
        ["Telemetry"] = [],
        ["Storage"] = ["Keys"],
        ["Storage/Files"] = ["Keys", "Storage"],
        ["Execution"] = ["Keys", "Serialization", "Storage", "Telemetry"],
        ["DependencyInjection"] = ["Keys", "Serialization", "Storage", "Telemetry", "Execution"],
    };

    public static TheoryData<string> Layers => [.. s_mayUse.Keys];

    [Theory, MemberData(nameof(Layers))]
    public void A_layer_uses_only_the_layers_below_it(string layer)
    {
        var folder = $"{Runtime}/{layer}";
        var forbidden = s_mayUse.Keys.Except([layer, .. s_mayUse[layer]]).ToHashSet();
        var files = Directory.Exists(Repo.Path(folder)) ? Repo.Sources(folder) : [];

        Assert.Empty(
            from file in files
            from used in LayersUsedIn(File.ReadAllText(Repo.Path(file)))
            where forbidden.Contains(used)
            select $"{file} uses {used}");
    }

    [Fact]
    public void Every_folder_is_a_layer_and_its_files_are_in_the_namespace_of_its_name() =>
        Assert.Empty(
            from file in Repo.Sources(Runtime)
            let folder = Path.GetDirectoryName(file[(Runtime.Length + 1)..])!.Replace('\\', '/')
            let expected = s_rootFolders.Contains(folder) ? "Idempotency" : s_mayUse.ContainsKey(folder) ? $"Idempotency.{folder.Replace('/', '.')}" : $"no layer '{folder}'"
            let actual = Namespace().Match(File.ReadAllText(Repo.Path(file))) is { Success: true } match ? match.Groups[1].Value : "Idempotency"
            where actual != expected
            select $"{file}: {actual}, not {expected}");

    [Fact]
    public void The_root_namespace_holds_only_what_users_write() =>
        Assert.Empty(typeof(MemoryStore).Assembly.GetTypes()
            .Where(static type => type is { Namespace: "Idempotency", IsVisible: false, IsNested: false })
            .Select(static type => type.Name));

    [Theory]
    [InlineData("using Idempotency.Storage;\nclass X;", "Storage")]
    [InlineData("using static Idempotency.Telemetry.Names;", "Telemetry")]
    [InlineData("class X { Idempotency.Storage.Claim? c; }", "Storage")]
    [InlineData("class X { Storage.Claim? c; }", "Storage")]
    [InlineData("class X { object c = Other.Storage.Claim; } // Storage.Claim", null)]
    [InlineData("/// <see cref=\"Storage.Claim\"/>\nclass X { string s = \"Storage.Claim\"; }", null)]
    public void Every_way_to_name_a_layer_is_seen(string source, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], LayersUsedIn(source));

    private static IEnumerable<string> LayersUsedIn(string source) =>
        Usage().Matches(CommentOrText().Replace(source, "")).Select(static match => match.Groups[1].Value).Distinct();

    [GeneratedRegex(@"(?<![\w.])(?:global::)?(?:Idempotency\.)?(Keys|Serialization|Telemetry|Storage|Execution|DependencyInjection)(?:\.[A-Z]|;)")]
    private static partial Regex Usage();

    [GeneratedRegex("""//.*|"(?:[^"\\\n]|\\.)*"|/\*[\s\S]*?\*/""")]
    private static partial Regex CommentOrText();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
