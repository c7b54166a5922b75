using Idempotency.Generator.Tests.Infrastructure;

namespace Idempotency.Generator.Tests;

/// <summary>Calls that mean the same run once, calls that mean something else run again. Asked of generated code that runs.</summary>
public sealed class KeyTests
{
    private const string Types = """
        public enum Color : short { Red, Green }
        public readonly record struct Money(decimal Amount, string Currency);
        public record Customer(string Name, Customer? Referrer = null);
        public sealed record Vip(string Name, int Level) : Customer(Name);
        public sealed class Order { public Customer? Customer { get; init; } public List<Money?>? Prices { get; init; } public int Field; [IdempotencyIgnore] public DateTime Seen { get; init; } }
        public record Positional(int Id, [IdempotencyIgnore] string Note);
        public sealed record Command([property: IdempotencyKey] int Id, string Text);
        public sealed class Tenant(string name) : IIdempotencyKeyPart { public void WriteTo(ref Idempotency.Keys.KeyWriter key) => key.Add(name.ToUpperInvariant()); }
        public class Base { public int Id { get; init; } }
        public sealed class Derived : Base { public string? More { get; init; } }
        """;

    [Theory]
    [InlineData("int?", "0", "null", "1", "-1")]
    [InlineData("Color?", "Color.Red", "null", "Color.Green", "(Color)7")]
    [InlineData("string?", "null", "\"\"", "\"a\"", "\"A\"", "\"\\ud800\"", "\"\\ud801\"")]
    [InlineData("bool", "true", "false")]
    [InlineData("(int, string?)", "(1, null)", "(1, \"\")", "(2, null)")]
    [InlineData("(string, string)", "(\"ab\", \"c\")", "(\"a\", \"bc\")")]
    [InlineData("int[]?", "null", "new int[0]", "new[] { 1, 2 }", "new[] { 2, 1 }", "new[] { 1 }")]
    [InlineData("int[][]", "new[] { new[] { 1 }, new int[0] }", "new[] { new int[0], new[] { 1 } }")]
    [InlineData("byte[]?", "null", "new byte[0]", "new byte[] { 0 }", "new byte[] { 0, 0 }")]
    [InlineData("ImmutableArray<byte>", "default", "ImmutableArray<byte>.Empty", "ImmutableArray.Create<byte>(1)")]
    [InlineData("ImmutableArray<int>", "default", "ImmutableArray<int>.Empty", "ImmutableArray.Create(1)")]
    [InlineData("ReadOnlyMemory<byte>", "default", "new byte[] { 1 }")]
    [InlineData("ReadOnlyMemory<int>?", "null", "ReadOnlyMemory<int>.Empty", "new int[] { 1 }")]
    [InlineData("ArraySegment<int>", "default", "new ArraySegment<int>(new int[0])", "new ArraySegment<int>(new[] { 1, 2 }, 1, 1)", "new ArraySegment<int>(new[] { 1, 2 }, 0, 1)")]
    [InlineData("nint", "1", "2")]
    [InlineData("DateTimeOffset", "DateTimeOffset.UnixEpoch", "DateTimeOffset.UnixEpoch.AddTicks(1)")]
    [InlineData("Money?", "null", "default(Money)", "new Money(1, \"EUR\")", "new Money(1, \"USD\")")]
    [InlineData("Customer?", "null", "new Customer(\"a\")", "new Customer(\"a\", new Customer(\"b\"))", "new Customer(\"a\", new Customer(\"a\"))")]
    [InlineData("Order", "new Order()", "new Order { Field = 1 }", "new Order { Prices = [] }", "new Order { Prices = [null] }", "new Order { Prices = [new Money(1, \"EUR\")] }", "new Order { Customer = new Customer(\"a\") }")]
    [InlineData("Dictionary<string, int?>", "new()", "new() { [\"a\"] = null }", "new() { [\"a\"] = 0 }", "new() { [\"b\"] = 0 }")]
    [InlineData("KeyValuePair<int, string>", "new(1, \"a\")", "new(1, \"b\")", "new(2, \"a\")")]
    [InlineData("Version", "new Version(1, 0)", "new Version(1, 0, 0)")]
    public async Task Different_values_never_share_a_record(string type, params string[] values) =>
        Assert.Equal($"{values.Length}", await RunsAsync(type, values));

    [Theory]
    [InlineData("decimal", "1.0m", "1.00m", "1m")]
    [InlineData("double", "0.0", "-0.0")]
    [InlineData("DateTimeOffset", "DateTimeOffset.UnixEpoch", "DateTimeOffset.UnixEpoch.ToOffset(TimeSpan.FromHours(2))")]
    [InlineData("HashSet<string>", "new() { \"a\", \"b\", \"c\" }", "new() { \"c\", \"b\", \"a\" }")]
    [InlineData("HashSet<Money>", "new() { new(1, \"a\"), new(2, \"b\") }", "new() { new(2.0m, \"b\"), new(1.0m, \"a\") }")]
    [InlineData("IReadOnlySet<Color>", "new HashSet<Color> { Color.Red, Color.Green }", "new SortedSet<Color> { Color.Green, Color.Red }")]
    [InlineData("IReadOnlyDictionary<string, int>", "new Dictionary<string, int> { [\"a\"] = 1, [\"b\"] = 2 }", "new SortedDictionary<string, int> { [\"b\"] = 2, [\"a\"] = 1 }")]
    [InlineData("IReadOnlyList<int>", "new[] { 1, 2 }", "new List<int> { 1, 2 }", "ImmutableArray.Create(1, 2)")]
    [InlineData("Order", "new Order { Seen = default }", "new Order { Seen = DateTime.MaxValue }")]
    [InlineData("Positional", "new Positional(1, \"a\")", "new Positional(1, \"b\")")]
    [InlineData("Tenant", "new Tenant(\"a\")", "new Tenant(\"A\")")]
    [InlineData("Customer", "new Customer(\"a\", new(\"b\"))", "new Customer(\"a\", new(\"b\"))")]
    public async Task Equal_values_share_one(string type, params string[] values) => Assert.Equal("1", await RunsAsync(type, values));

    [Fact]
    public async Task A_derived_instance_is_refused_because_its_own_members_would_be_missing() => Assert.StartsWith(
        "ArgumentException: A key part declared as 'Base' is a 'Derived'",
        await Scenario.RunAsync(Types + Program("Base", "try { await c.XAsync(new Derived { More = \"\" }); return \"\"; } catch (ArgumentException e) { return $\"ArgumentException: {e.Message}\"; }")),
        StringComparison.Ordinal);

    [Fact]
    public async Task An_argument_that_contains_itself_is_refused() => Assert.Equal("A key part is nested deeper than 64 levels; does it contain itself?", await Scenario.RunAsync("""
        public class Node { public int Id { get; set; } public List<Node> Children { get; } = []; public Node? Next { get; set; } }

        public partial class C(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task XAsync(Node a);
            static Task XCoreAsync(Node a) => Task.CompletedTask;
        }

        public static class Scenario
        {
            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                var node = new Node();
                node.Next = node;
                try { await new C(guard).XAsync(node); return "accepted"; } catch (ArgumentException refused) { return refused.Message; }
            }
        }
        """));

    [Fact]
    public async Task Type_arguments_of_methods_and_types_are_part_of_the_key() => Assert.Equal("4", await Scenario.RunAsync("""
        public partial class Box<TBox>(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task<int> XAsync<T>(int a);
            static Task<int> XCoreAsync<T>(int a) => Task.FromResult(++Scenario.Runs);
        }

        public static class Scenario
        {
            public static int Runs;

            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                for (var i = 0; i < 2; i++)
                {
                    await new Box<int>(guard).XAsync<int>(1);
                    await new Box<int>(guard).XAsync<string>(1);
                    await new Box<string>(guard).XAsync<int>(1);
                    await new Box<string>(guard).XAsync<List<string>>(1);
                }

                return $"{Runs}";
            }
        }
        """));

    [Fact]
    public async Task Overloads_never_share_a_record_and_a_named_method_keeps_its_records_when_it_is_renamed() => Assert.Equal("3", await Scenario.RunAsync("""
        public partial class C(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task<int> XAsync(int a);
            Task<int> XCoreAsync(int a) => Task.FromResult(++Scenario.Runs);
            [Idempotent] public partial Task<int> XAsync(long a);
            Task<int> XCoreAsync(long a) => Task.FromResult(++Scenario.Runs);
            [Idempotent] public partial Task<int> XAsync(int a, CancellationToken t); // the first one, which a token makes no other
            [Idempotent(Name = "y")] public partial Task<int> YAsync(int a);
            Task<int> YCoreAsync(int a) => Task.FromResult(++Scenario.Runs);
            [Idempotent(Name = "y", Body = nameof(YCoreAsync))] public partial Task<int> ZAsync(int a);
        }

        public static class Scenario
        {
            public static int Runs;

            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                var c = new C(guard);
                await c.XAsync(1);
                await c.XAsync(1L);
                await c.XAsync(1, default);
                await c.YAsync(1);
                await c.ZAsync(1);
                return $"{Runs}";
            }
        }
        """));

    [Theory]
    [InlineData("[Idempotent] public partial Task<int> XAsync([IdempotencyKey] int a, string b);", "int a, string b", "1, \"a\"", "1, \"b\"")]
    [InlineData("[Idempotent(Key = \"k:{a}\")] public partial Task<int> XAsync(int a, string b);", "int a, string b", "1, \"a\"", "1, \"b\"")]
    [InlineData("[Idempotent(Key = \"k:{a.Id}\")] public partial Task<int> XAsync(Command a);", "Command a", "new(1, \"a\")", "new(1, \"b\")")]
    [InlineData("[Idempotent] public partial Task<int> XAsync(Command a);", "Command a", "new(1, \"a\")", "new(1, \"b\")")]
    public async Task The_same_key_with_other_arguments_is_refused(string declaration, string parameters, string first, string second) => Assert.Equal(
        "IdempotencyKeyReusedException",
        await Scenario.RunAsync($$"""
            {{Types}}
            public partial class C(IdempotencyGuard guard)
            {
                {{declaration}}
                Task<int> XCoreAsync({{parameters}}) => Task.FromResult(1);
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IdempotencyGuard guard)
                {
                    var c = new C(guard);
                    await c.XAsync({{first}});
                    await c.XAsync({{first}});
                    try { await c.XAsync({{second}}); return ""; } catch (IdempotencyException e) { return e.GetType().Name; }
                }
            }
            """));

    [Theory]
    [InlineData("{a.Next.Id}", "new(1, null)", "new(1, new(0, null))", "new(1, new(1, null))")]
    [InlineData("{a.Next.Next}", "new(1, null)", "new(1, new(0, new(2, null)))")]
    [InlineData("{a.Next.Price.Amount}", "new(1, null)", "new(1, new(0, null))", "new(1, new(0, null, new Money(2, \"\")))")]
    public async Task A_template_goes_through_what_may_be_null(string key, params string[] values)
    {
        var calls = string.Concat(values.Select(static value => $"try {{ await c.XAsync({value}); }} catch (IdempotencyKeyReusedException) {{ reused++; }} "));

        // Null and zero have to be two keys, null at one step and at another the same.
        Assert.Equal(key == "{a.Next.Price.Amount}" ? "2 1" : $"{values.Length} 0", await Scenario.RunAsync($$"""
            public record struct Money(decimal Amount, string Currency);
            public record Node(int Id, Node? Next, Money? Price = null);
            public partial class C(IdempotencyGuard guard)
            {
                [Idempotent(Key = "{b}:{{key}}")] public partial Task<int> XAsync(Node? a, int b = 1);
                Task<int> XCoreAsync(Node? a, int b) => Task.FromResult(++Scenario.Runs);
            }

            public static class Scenario
            {
                public static int Runs;

                public static async Task<string> RunAsync(IdempotencyGuard guard)
                {
                    var (c, reused) = (new C(guard), 0);
                    for (var i = 0; i < 2; i++)
                    {
                        reused = 0;
                        {{calls}}
                    }

                    return $"{Runs} {reused}";
                }
            }
            """));
    }

    [Fact]
    public async Task A_call_whose_chosen_members_are_all_missing_is_refused() => Assert.Equal("ArgumentException 1", await Scenario.RunAsync("""
        public sealed record Command([IdempotencyKey] string? Id, [IdempotencyKey] Guid? Step, int Amount);

        public partial class C(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task<int> XAsync(Command command);
            Task<int> XCoreAsync(Command command) => Task.FromResult(command.Amount);
        }

        public static class Scenario
        {
            public static async Task<string> RunAsync(IdempotencyGuard guard) =>
                $"{await TryAsync(guard, null)} {await TryAsync(guard, Guid.Empty)}";

            private static async Task<string> TryAsync(IdempotencyGuard guard, Guid? step)
            {
                try { return $"{await new C(guard).XAsync(new Command("", step, 1))}"; } catch (ArgumentException e) { return e.GetType().Name; }
            }
        }
        """));

    [Theory]
    [InlineData("[Idempotent] public partial Task<int> XAsync([IdempotencyKey] string? a, int b);")]
    [InlineData("[Idempotent(Key = \"x:{a}\")] public partial Task<int> XAsync(string? a, int b);")]
    public async Task A_call_without_the_chosen_key_is_refused(string declaration) => Assert.Equal("ArgumentException ArgumentException 1", await Scenario.RunAsync($$"""
        public partial class C(IdempotencyGuard guard)
        {
            {{declaration}}
            Task<int> XCoreAsync(string? a, int b) => Task.FromResult(b);
        }

        public static class Scenario
        {
            public static async Task<string> RunAsync(IdempotencyGuard guard) =>
                $"{await TryAsync(guard, null)} {await TryAsync(guard, "")} {await TryAsync(guard, "a")}";

            private static async Task<string> TryAsync(IdempotencyGuard guard, string? key)
            {
                try { return $"{await new C(guard).XAsync(key, 1)}"; } catch (ArgumentException e) { return e.GetType().Name; }
            }
        }
        """));

    // Every value twice, so that the count is right only where each meets its own record again.
    private static Task<string> RunsAsync(string type, string[] values)
    {
        var calls = string.Concat(values.Concat(values).Select(static value => $"await c.XAsync({value}); "));
        return Scenario.RunAsync(Types + Program(type, $"{calls} return $\"{{Runs}}\";"));
    }

    private static string Program(string type, string calls) => $$"""

        public partial class C(IdempotencyGuard guard)
        {
            [Idempotent] public partial Task<int> XAsync({{type}} a);
            Task<int> XCoreAsync({{type}} a) => Task.FromResult(++Scenario.Runs);
        }

        public static class Scenario
        {
            public static int Runs;

            public static async Task<string> RunAsync(IdempotencyGuard guard)
            {
                var c = new C(guard);
                {{calls}}
            }
        }
        """;
}
