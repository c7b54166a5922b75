using System.Globalization;
using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Idempotency.Generator.Tests;

/// <summary>Each rule points at the token to change. That it stays silent on good code is what its page's good example is for.</summary>
public sealed class RuleTests
{
    public static TheoryData<string, string> Reported => new()
    {
        { "IDEM001", "[Idempotent] public partial Task «XAsync»(int a);" },
        { "IDEM001", "[Idempotent(Body = «\"Y\"»)] public partial Task XAsync(int a); void Y(int a) { }" },
        { "IDEM002", "[Idempotent] public Task «XAsync»(int a) => Task.CompletedTask;" },
        { "IDEM003", "partial class D { [Idempotent] public partial void «X»(int a); void XCore(int a) { } }" },
        { "IDEM003", "[Idempotent] public partial void X(int «guard»); void XCore(int a) { }" },
        { "IDEM003", "[Idempotent(Guard = «nameof(XCore)»)] public partial void X(int a); void XCore(int a) { }" },
        { "IDEM004", "IdempotencyGuard _a = null!, _b = null!; [Idempotent] public partial void «X»(int a); void XCore(int a) { }" },
        { "IDEM005", "[Idempotent] public partial void X(ref int «a»); void XCore(int a) { }" },
        { "IDEM005", "[Idempotent] public partial IEnumerable<int> «X»(int a); IEnumerable<int> XCore(int a) => null!;" },
        { "IDEM005", "[Idempotent] public partial void X(int a); void XCore(System.Data.Common.DbTransaction t, int a, System.Data.Common.DbTransaction «u») { }" },
        { "IDEM008", "[Idempotent] public partial void X(int a, System.Data.Common.DbTransaction «t»); void XCore(int a, System.Data.Common.DbTransaction t) { }" },
        { "IDEM005", "public int P { [Idempotent] «get»; }" },
        { "IDEM006", "class «D»(IdempotencyGuard g) { [Idempotent] public partial void X(int a); void XCore(int a) { } }" },
        { "IDEM007", "[Idempotent] public partial void «X»(int a); void XCore(int a) { } void XCore(int a, CancellationToken t) { }" },
        { "IDEM008", "[Idempotent] public partial void X(object «a», int b, Action «c»); void XCore(object a, int b, Action c) { }" },
        { "IDEM008", "[Idempotent] public partial void X([IdempotencyKey] int a, System.IO.Stream «b»); void XCore(int a, System.IO.Stream b) { }" },
        { "IDEM008", "[Idempotent] public partial void X(Tuple<int, string> «a»); void XCore(Tuple<int, string> a) { }" },
        { "IDEM008", "[Idempotent(Key = «\"{a.Type}\"»)] public partial void X(Typed a, int b); void XCore(Typed a, int b) { } public record Typed([property: IdempotencyIgnore] Type Type, int Id);" },
        { "IDEM009", "[Idempotent(Lease = «\"24\\0h\"»)] public partial void X(int a); void XCore(int a) { }" },
        { "IDEM009", "[Idempotent(Ttl = «\"soon\"», Lease = «\"0s\"», WaitTimeout = «\"-1:00:00\"»)] public partial void X(int a); void XCore(int a) { }" },
        { "IDEM010", "[Idempotent(Name = «\" \"», Version = «0», Store = «\"\"»)] public partial void X(int a); void XCore(int a) { }" },
        { "IDEM010", "[Idempotent(OnDuplicate = «(OnDuplicate)42», OnFailure = «(OnFailure)(-1)», OnCrash = «Undefined»)] public partial void X(int a); void XCore(int a) { } const OnCrash Undefined = (OnCrash)2;" },
        { "IDEM011", "[Idempotent(Key = «\"{b}\"»)] public partial void X(int a); void XCore(int a) { }" },
        { "IDEM012", "[Idempotent(Key = \"{a}\")] public partial void X([IdempotencyKey] int «a»); void XCore(int a) { }" },
        { "IDEM012", "[Idempotent] public partial void X([IdempotencyKey, IdempotencyIgnore] int «a», int b); void XCore(int a, int b) { }" },
        { "IDEM012", "[Idempotent(Key = \"{a}\")] public partial void X([IdempotencyIgnore] int «a»); void XCore(int a) { }" },
        { "IDEM013", "[Idempotent] public partial void «X»([IdempotencyIgnore] int a); void XCore(int a) { }" },
        { "IDEM014", "[Idempotent(LockOn = [typeof(ArgumentException), «typeof(int)»], UnlockOn = new[] { «typeof(string)» })] public partial void X(int a); void XCore(int a) { }" },
        { "IDEM014", "[Idempotent(LockOn = [«typeof(E<>)»])] public partial void X(int a); void XCore(int a) { } class E<T> : Exception;" },
        { "IDEM015", "[Idempotent] public partial void «X»(Missing a); void XCore(Missing a) { }" },
    };

    [Theory, MemberData(nameof(Reported))]
    public async Task A_rule_points_at_what_has_to_change(string id, string members)
    {
        var marked = Marked.Read(InClass(members));

        var found = await GeneratorRun.On(marked.Source).AnalyzeAsync();

        Assert.All(found, diagnostic => Assert.Equal(id, diagnostic.Id));
        Assert.Equal(marked.Spans, found.Select(Marked.Show));
    }

    [Theory, MemberData(nameof(Reported))]
    public async Task A_rule_can_be_silenced_in_the_source(string id, string members)
    {
        var source = $"#pragma warning disable {id}\n{InClass(Marked.Read(members).Source)}";

        Assert.Empty(await GeneratorRun.On(source).AnalyzeAsync());
    }

    [Theory, MemberData(nameof(Reported))]
    public async Task A_rule_can_be_configured(string id, string members)
    {
        var compilation = Compile.From(InClass(Marked.Read(members).Source));
        var configured = compilation.WithOptions(compilation.Options.WithSyntaxTreeOptionsProvider(new EditorConfig(id, ReportDiagnostic.Info)));

        Assert.All(await GeneratorRun.On(configured).AnalyzeAsync(), static found => Assert.Equal(DiagnosticSeverity.Info, found.Severity));
    }

    [Theory]
    [InlineData("Task<int>", "int a, string? b", "async Task<int> XCore(int a, string? b)")]
    [InlineData("void", "List<int[]> a, CancellationToken t", "void XCore(List<int[]> a, CancellationToken t)")]
    [InlineData("Task<T>", "IReadOnlyList<T> a", "async Task<T> XCore<T>(IReadOnlyList<T> a) where T : class, IIdempotencyKeyPart, IComparable<T>", "<T>", " where T : class, IIdempotencyKeyPart, IComparable<T>")]
    [InlineData("ValueTask", "IdempotencyGuard g, DateTime @event", "async ValueTask XCore(DateTime @event)")]
    public async Task A_missing_body_is_spelled_out(
        string result, string parameters, string expected, string typeParameters = "", string constraints = "")
    {
        var found = await GeneratorRun.On(InClass(
            $"[Idempotent] public partial {result} X{typeParameters}({parameters}){constraints}; int XCore() => 1;")).AnalyzeAsync();

        Assert.Equal($"Method 'X' has no body to run ('XCore' has another signature); write 'private {expected}'", Assert.Single(found).GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("object a", "'a'", "can be anything")]
    [InlineData("IEnumerable<int> a", "'a'", "readable only once")]
    [InlineData("ICollection<int> a", "'a'", "may have no order")]
    [InlineData("IComparable a", "'a'", "behind the interface 'IComparable'")]
    [InlineData("int[,] a", "'a'", "array of several dimensions")]
    [InlineData("Func<int> a", "'a'", "is code")]
    [InlineData("List<(int, Type)> a", "'a[].Item2'", "what 'Type' stands for")]
    [InlineData("Dictionary<int, Exception> a", "'a.Values'", "what 'Exception' stands for")]
    [InlineData("Order a", "'a.Customer.Photo'", "what 'Stream' stands for")]
    [InlineData("Abstract a", "'a'", "is abstract")]
    [InlineData("Empty a", "'a'", "no readable public property")]
    [InlineData("Bag a", "'a'", "derives from 'List<int>'")]
    [InlineData("Once a", "'a'", "is a collection")]
    [InlineData("Failure a", "'a'", "derives from 'Exception'")]
    [InlineData("Gone a", "'a.Id'", "[Obsolete]")]
    [InlineData("Endless<int> a", "Next", "nested too deep")]
    public async Task A_missing_identity_is_traced_to_its_origin(string parameter, string path, string reason)
    {
        const string types = """
            public class Order { public Customer? Customer { get; } }
            public class Customer { public System.IO.Stream? Photo; }
            public abstract class Abstract { public int Id { get; } }
            public class Empty { int _hidden; public static int Shared { get; } public int this[int i] => i; public int Id { set { } } }
            public class Bag : List<int>;
            public class Once : System.Collections.IEnumerable { public int Id { get; } public System.Collections.IEnumerator GetEnumerator() => null!; }
            public class Failure : Exception;
            public class Gone { [Obsolete("no", true)] public int Id { get; } }
            public class Endless<T> { public Endless<List<T>>? Next { get; } }
            """;

        var found = await GeneratorRun.On(InClass($"[Idempotent] public partial void X({parameter}); void XCore({parameter}) {{ }} {types}")).AnalyzeAsync();

        var message = Assert.Single(found).GetMessage(CultureInfo.InvariantCulture);
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no placeholder")]
    [InlineData("order", "no placeholder")]
    [InlineData("{{a}}", "no placeholder")]
    [InlineData("{a", "never closed")]
    [InlineData("a}", "closes nothing")]
    [InlineData("{}", "names no parameter")]
    [InlineData("{A}", "there are {a}, {b}")]
    [InlineData("{t}", "names no parameter")]
    [InlineData("{a.Length}", "no readable property or field 'Length'")]
    [InlineData("{b.}", "no readable property or field ''")]
    public async Task A_wrong_template_is_explained(string template, string reason)
    {
        var found = await GeneratorRun.On(InClass(
            $"[Idempotent(Key = \"{template}\")] public partial void X(int a, string b, CancellationToken t); void XCore(int a, string b) {{ }}")).AnalyzeAsync();

        Assert.Contains(reason, Assert.Single(found).GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("250ms", 250L * TimeSpan.TicksPerMillisecond)]
    [InlineData("30s", 30L * TimeSpan.TicksPerSecond)]
    [InlineData("5m", 5L * TimeSpan.TicksPerMinute)]
    [InlineData("24h", 24L * TimeSpan.TicksPerHour)]
    [InlineData("7d", 7L * TimeSpan.TicksPerDay)]
    [InlineData("1.00:00:00", TimeSpan.TicksPerDay)]
    [InlineData("00:00:00.5", TimeSpan.TicksPerSecond / 2)]
    public void A_duration_is_read(string text, long ticks)
    {
        var run = GeneratorRun.On(InClass($"[Idempotent(Ttl = \"{text}\")] public partial void X(int a); void XCore(int a) {{ }}"));

        Assert.Contains($"Ttl = new global::System.TimeSpan({ticks}L), // {text}", run.Result.GeneratedSources[0].SourceText.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("24")]
    [InlineData("h")]
    [InlineData("0d")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData("1 h")]
    [InlineData("24H")]
    [InlineData(" 1:00:00")]
    [InlineData("1:00:00\\n")]
    [InlineData("00:00:00")]
    [InlineData("25:61:00")]
    [InlineData("99999999999d")]
    public async Task A_text_that_is_no_duration_is_refused(string text)
    {
        var run = GeneratorRun.On(InClass($"[Idempotent(Ttl = \"{text}\")] public partial void X(int a); void XCore(int a) {{ }}"));

        Assert.False(run.HasGuards);
        Assert.Equal("IDEM009", Assert.Single(await run.AnalyzeAsync()).Id);
    }

    // csc stops at CS8795, a fault of the declarations, before it asks analyzers; a fault inside a method does not keep them silent.
    [Theory]
    [InlineData("[Idempotent] public partial Task XAsync(int a);")]
    [InlineData("[Idempotent(Ttl = \"\")] public partial Task XAsync(int a); Task XCoreAsync(int a) => null!;")]
    [InlineData("[Idempotent] public partial Task XAsync(object a); Task XCoreAsync(object a) => null!;")]
    [InlineData("[Idempotent] public partial Task XAsync(ref int a); Task XCoreAsync(int a) => null!;")]
    [InlineData("[Idempotent] public partial void X(scoped in int a, out string b); void XCore(int a) { }")]
    [InlineData("[Idempotent] public partial ref readonly int X(int a); void XCore(int a) { }")]
    [InlineData("[Idempotent] public unsafe partial void X(int* a, delegate*<int, void> b); void XCore(int a) { }")]
    [InlineData("unsafe partial class D(IdempotencyGuard guard) { partial class E { [Idempotent] public partial int* X(int* a); int XCore(int a) => a; } }")]
    [InlineData("[Idempotent] public partial void X(scoped Span<int> a, dynamic b, params ReadOnlySpan<int> c); void XCore(int a) { }")]
    [InlineData("[Idempotent] public partial void X<T>(int a) where T : allows ref struct; void XCore(int a) { }")]
    [InlineData("[Idempotent] public partial IAsyncEnumerable<int> X(int a); void XCore(int a) { }")]
    [InlineData("ref partial struct D { IdempotencyGuard g; [Idempotent] public partial void X(int a); void XCore(int a) { } }")]
    public void A_refused_method_fails_in_its_body_so_that_the_reason_is_in_the_build_too(string members)
    {
        var run = GeneratorRun.On(InClass(members));

        Assert.Empty(run.Output.GetDeclarationDiagnostics().Where(static found => found.Severity == DiagnosticSeverity.Error));
        Assert.Contains(run.Complaints, static found => found.Id is "CS0103" or "CS8150");
    }

    [Fact]
    public async Task A_tuple_class_is_sent_to_the_value_tuple()
    {
        var found = await GeneratorRun.On(InClass("[Idempotent] public partial void X(Tuple<int, string> a); void XCore(Tuple<int, string> a) { }")).AnalyzeAsync();

        Assert.Contains("use a value tuple, such as (int, string), or a record", Assert.Single(found).GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_that_the_generator_refused_for_something_it_could_not_see_is_reported()
    {
        const string declaration = "public partial class C(IdempotencyGuard guard) { [Idempotent] public partial Task XAsync(int a); }";
        const string madeByAnother = "public partial class C { private Task XCoreAsync(int a) => Task.CompletedTask; }";
        var seen = GeneratorRun.On(declaration);
        var whole = seen.Output.AddSyntaxTrees(Compile.Tree(madeByAnother, "Other.g.cs")).WithAnalyzers([new IdempotentAnalyzer()]);

        Assert.Equal("IDEM015", Assert.Single(await whole.GetAnalyzerDiagnosticsAsync()).Id);
    }

    [Fact]
    public async Task A_method_that_the_generator_did_not_write_is_reported()
    {
        var source = InClass("[Idempotent] public partial void X(int a); void XCore(int a) { }");
        var withoutGenerator = Compile.From(source).WithAnalyzers([new IdempotentAnalyzer()]);

        Assert.Equal("IDEM015", Assert.Single(await withoutGenerator.GetAnalyzerDiagnosticsAsync()).Id);
    }

    private static string InClass(string members) => $"public partial class C(IdempotencyGuard guard) {{ {members} }}";
}
