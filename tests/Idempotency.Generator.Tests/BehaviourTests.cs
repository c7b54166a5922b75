using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Generator.Tests;

/// <summary>Generated code, compiled and run under a real guard.</summary>
public sealed class BehaviourTests
{
    [Theory]
    [InlineData("Task<int>", "Task.FromResult(Count())", "await c.X(1)")]
    [InlineData("ValueTask<int>", "new(Count())", "await c.X(1)")]
    [InlineData("int", "Count()", "c.X(1)")]
    [InlineData("Task", "Task.FromResult(Count())", "await Done(c.X(1))")]
    [InlineData("ValueTask", "Return()", "await Done(c.X(1).AsTask())")]
    [InlineData("void", "Count()", "Done(() => c.X(1))")]
    public async Task Every_kind_of_result_runs_once_and_is_replayed(string result, string body, string call) => Assert.Equal("1 1 1", await Scenario.RunAsync($$"""
        public partial class C(IdempotencyGuard guard)
        {
            private int _runs;
            public int Runs => _runs;
            [Idempotent] public partial {{result}} X(int a);
            private {{result}} XCore(int a) {{(result == "void" ? $"{{ {body}; }}" : $"=> {body};")}}
            private int Count() => ++_runs;
            private ValueTask Return() { Count(); return default; }
        }

        public static class Scenario
        {
            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                await Task.Yield();
                var c = new C(guard);
                return $"{{{call}}} {{{call}}} {c.Runs}";
            }

            static async Task<int> Done(Task work) { await work; return 1; }
            static int Done(Action work) { work(); return 1; }
        }
        """));

    [Fact]
    public async Task The_body_gets_its_arguments_the_context_and_a_token_of_the_guard() => Assert.Equal("7 x True 1 False", await Scenario.RunAsync("""
        public partial class C(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task<string> XAsync(int Rest, string Item3, CancellationToken token);
            private static Task<string> XCoreAsync(CancellationToken mine, int a, IdempotencyContext context, string b) =>
                Task.FromResult($"{a} {b} {mine == context.CancellationToken} {context.Attempt} {mine == Scenario.Caller.Token}");
        }

        public static class Scenario
        {
            public static readonly CancellationTokenSource Caller = new();
            public static Task<string> RunAsync(IdempotencyGuard guard) => new C(guard).XAsync(7, "x", Caller.Token);
        }
        """));

    [Fact]
    public async Task A_locked_failure_is_thrown_again_as_itself() => Assert.Equal("no funds 51 1", await Scenario.RunAsync("""
        public class DeclinedException(string message, string? code) : Exception(message) { public string? Code => code; }

        public partial class C(IdempotencyGuard guard)
        {
            public int Runs;
            [Idempotent(LockOn = [typeof(DeclinedException)])] public partial Task XAsync(int a);
            private Task XCoreAsync(int a) { Runs++; throw new DeclinedException("no funds", "51"); }
        }

        public static class Scenario
        {
            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                var c = new C(guard);
                try { await c.XAsync(1); } catch (DeclinedException) { }
                try { await c.XAsync(1); return ""; } catch (DeclinedException e) { return $"{e.Message} {e.Code} {c.Runs}"; }
            }
        }
        """));

    [Fact]
    public async Task A_body_that_wants_a_transaction_is_refused_on_a_store_without_any() => Assert.StartsWith(
        "The body of operation 'C.XAsync' wants a 'System.Data.Common.DbTransaction', and its store, 'Idempotency.MemoryStore', has no transactions", await Scenario.RunAsync("""
        public partial class C(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task XAsync(int a);
            private Task XCoreAsync(int a, System.Data.Common.DbTransaction transaction) => Task.CompletedTask;
        }

        public static class Scenario
        {
            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                try { await new C(guard).XAsync(1); return ""; } catch (InvalidOperationException e) { return e.Message; }
            }
        }
        """), StringComparison.Ordinal);

    [Fact]
    public async Task A_missing_guard_says_what_to_do() => Assert.StartsWith("Operation 'C.XAsync' has no guard", await Scenario.RunAsync("""
        public partial class C
        {
            private readonly IdempotencyGuard? _guard = null;
            [Idempotent] public partial Task XAsync(int a);
            private Task XCoreAsync(int a) => Task.CompletedTask;
        }

        public static class Scenario
        {
            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                try { await new C().XAsync(1); return ""; } catch (InvalidOperationException e) { return e.Message; }
            }
        }
        """), StringComparison.Ordinal);

    [Theory]
    [InlineData("string", true)]
    [InlineData("decimal?", true)]
    [InlineData("DayOfWeek", true)]
    [InlineData("(int, string)", true)]
    [InlineData("ImmutableArray<Leaf>", true)]
    [InlineData("ImmutableDictionary<string, Leaf>", true)]
    [InlineData("Leaf", true)]
    [InlineData("Open", true)]
    [InlineData("Tree", true)]
    [InlineData("InitOnly", true)]
    [InlineData("Derived", true)]
    [InlineData("object", false)]
    [InlineData("int[]", false)]
    [InlineData("List<int>", false)]
    [InlineData("IReadOnlyList<int>", false)]
    [InlineData("ImmutableArray<Open>", false)]
    [InlineData("HoldsOpen", false)]
    [InlineData("Settable", false)]
    [InlineData("HasField", false)]
    [InlineData("HasEvent", false)]
    [InlineData("Captures", false)]
    [InlineData("OverMutable", false)]
    [InlineData("System.Text.StringBuilder", false)]
    public void A_result_is_immutable_only_when_that_is_certain(string type, bool immutable)
    {
        const string types = """
            public sealed record Leaf(int Id, string? Name);
            public record Open(int Id);
            public sealed record Tree(Tree? Left, Leaf Leaf);
            public sealed class InitOnly { public int Id { get; init; } public string Name { get; } = ""; private readonly Uri? _home = null; public Uri? Home => _home; }
            public record HoldsOpen(Open Open);
            public sealed record Settable(int Id) { public int Count { get; set; } }
            public sealed class HasField { public int Id; }
            public sealed class HasEvent { public event Action? Changed; public void Raise() => Changed?.Invoke(); }
            public sealed class Captures(List<int> items) { public int Next() { items.Add(1); return items.Count; } }
            public class Mutable { public int Id { get; set; } }
            public record Derived(int Id, string Name) : Open(Id);
            public sealed class OverMutable : Mutable;
            """;

        var run = GeneratorRun.On($"public partial class C(IdempotencyGuard guard) {{ [Idempotent] public partial Task<{type}> XAsync(int a); Task<{type}> XCoreAsync(int a) => null!; }} {types}");

        Assert.Empty(run.Complaints);
        Assert.Equal(immutable, run.Result.GeneratedSources[0].SourceText.ToString().Contains("ResultIsImmutable = true", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("public E(string message) : base(message) { }", "new global::E(data.Message)")]
    [InlineData("public E(string message, string code, Exception inner) : base(message) { } public string Code => \"\"; public E(string code, string Message) { }", "new global::E(data[\"code\"]!, data.Message), static (failure, data) => { data[\"code\"] = failure.Code; }")]
    [InlineData("public E(string other) { }", null)]
    [InlineData("public E(int message) { }", null)]
    [InlineData("public E() { }", null)]
    [InlineData("protected E(string message) { } E() { }", null)]
    [InlineData("public E(string message) { } public required int Id { get; init; }", null)]
    public void An_exception_is_recreated_where_its_constructor_tells_how(string members, string? codec)
    {
        var run = GeneratorRun.On($"public partial class C(IdempotencyGuard guard) {{ [Idempotent(LockOn = [typeof(E)])] public partial void X(int a); void XCore(int a) {{ }} }} public class E : Exception {{ {members} }}");

        var text = run.Result.GeneratedSources[0].SourceText.ToString();
        Assert.Empty(run.Complaints);
        Assert.Equal(codec is not null, text.Contains("Failures", StringComparison.Ordinal));
        Assert.Contains(codec ?? "", text, StringComparison.Ordinal);
    }
}
