using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests;

/// <summary>Every way to write a method: it works, without a warning, or it is refused with a reason. There is nothing in between.</summary>
public sealed class SignatureTests
{
    public static TheoryData<string, string> Working => new()
    {
        { "guard in a field", Type("class C", "readonly IdempotencyGuard _g = null!; [Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard in a property", Type("class C", "IdempotencyGuard G => null!; [Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard in a primary constructor", Class("[Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard that other members use too", Class("public object Other() => guard; [Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard in a base class", "public class B { protected readonly IdempotencyGuard Guard = null!; } " + Type("class C : B", "[Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard in a static field", Type("static class C", "static readonly IdempotencyGuard s_g = null!; [Idempotent] public static partial Task<int> XAsync(int a); static Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard as a parameter", Type("static class C", "[Idempotent] public static partial Task<int> XAsync(IdempotencyGuard g, int a); static Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard as a parameter handed on", Type("static class C", "[Idempotent] public static partial Task<int> XAsync(IdempotencyGuard g, int a); static Task<int> XCoreAsync(IdempotencyGuard g, int a) => Task.FromResult(a);") },
        { "guard as an extended value", Type("static class C", "[Idempotent] public static partial Task<int> XAsync(this IdempotencyGuard g, int a); static Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "field set from the primary constructor", Type("class C(IdempotencyGuard g)", "readonly IdempotencyGuard _g = g; [Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard chosen among two", Type("class C", "readonly IdempotencyGuard _a = null!, _b = null!; public IdempotencyGuard A => _a; [Idempotent(Guard = nameof(_b))] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "guard in an interface", "public partial interface I { IdempotencyGuard Guard { get; } [Idempotent] public partial Task<int> XAsync(int a); private Task<int> XCoreAsync(int a) => Task.FromResult(a); }" },
        { "guard in a base interface", "public interface B { IdempotencyGuard Guard { get; } } public partial interface I : B { [Idempotent] public partial Task<int> XAsync(int a); private Task<int> XCoreAsync(int a) => Task.FromResult(a); }" },
        { "Task", Class("[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "ValueTask", Class("[Idempotent] public partial ValueTask XAsync(int a); ValueTask XCoreAsync(int a) => default;") },
        { "ValueTask of T", Class("[Idempotent] public partial ValueTask<int> XAsync(int a); ValueTask<int> XCoreAsync(int a) => default;") },
        { "void", Class("[Idempotent] public partial void X(int a); void XCore(int a) { }") },
        { "T", Class("[Idempotent] public partial string? X(int a); string? XCore(int a) => null;") },
        { "XAsyncCore", Class("[Idempotent] public partial Task XAsync(int a); Task XAsyncCore(int a) => Task.CompletedTask;") },
        { "a chosen body", Class("[Idempotent(Body = nameof(Y))] public partial Task XAsync(int a); Task Y(int a) => Task.CompletedTask;") },
        { "a method called Async", Class("[Idempotent] public partial Task Async(int a); Task AsyncCore(int a) => Task.CompletedTask;") },
        { "a body of a base class", "public class B { protected Task XCoreAsync(int a) => Task.CompletedTask; } " + Type("class C(IdempotencyGuard guard) : B", "[Idempotent] public partial Task XAsync(int a);") },
        { "a body with the context in the middle", Class("[Idempotent] public partial Task XAsync(int a, string? b); Task XCoreAsync(int a, IdempotencyContext c, string? b) => Task.CompletedTask;") },
        { "a body without the token", Class("[Idempotent] public partial Task XAsync(int a, CancellationToken t = default); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "a body with a token of its own", Class("[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(CancellationToken t, int a) => Task.CompletedTask;") },
        { "a static body", Class("[Idempotent] public partial Task XAsync(int a); static Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "a generic method", Class("[Idempotent] public partial Task<T> XAsync<T>(int a, [IdempotencyIgnore] T b) where T : class, IComparable<T>, new(); Task<T> XCoreAsync<T>(int a, T b) where T : class, IComparable<T>, new() => Task.FromResult(b);") },
        { "a generic method with looser body", Class("[Idempotent] public partial Task XAsync<T>(T a) where T : struct, IIdempotencyKeyPart; Task XCoreAsync<T>(T a) => Task.CompletedTask;") },
        { "a generic method with a nullable argument", Class("[Idempotent] public partial Task XAsync<T>(T? a, T b) where T : struct, IIdempotencyKeyPart; Task XCoreAsync<T>(T? a, T b) where T : struct => Task.CompletedTask;") },
        { "a generic composite of a method's type", "public record Box<T>(T Value) where T : IIdempotencyKeyPart; " + Class("[Idempotent] public partial Task XAsync<T>(Box<T> a, Box<T>? b) where T : IIdempotencyKeyPart; Task XCoreAsync<T>(Box<T> a, Box<T>? b) where T : IIdempotencyKeyPart => Task.CompletedTask;") },
        { "a generic type", Type("class C<TItem, @class>(IdempotencyGuard guard) where TItem : notnull", "[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "a nested type", "public partial class Outer<T> { public partial struct Middle { " + Class("[Idempotent] public partial Task XAsync(int a); static Task XCoreAsync(int a) => Task.CompletedTask;") + " } }" },
        { "a record", Type("record C(IdempotencyGuard Guard)", "[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "a record struct", Type("readonly record struct C(IdempotencyGuard Guard)", "[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "a struct", Type("struct C(IdempotencyGuard guard)", "[Idempotent] public readonly partial Task XAsync(int a); readonly Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "a variant interface", "public partial interface I<in TIn, out TOut> { IdempotencyGuard Guard { get; } [Idempotent] public partial Task<int> XAsync(int a); private Task<int> XCoreAsync(int a) => Task.FromResult(a); }" },
        { "default values", Class("[Idempotent] public partial Task XAsync(int a = 1, string? b = null, CancellationToken t = default); Task XCoreAsync(int a, string? b, CancellationToken t) => Task.CompletedTask;") },
        { "params", Class("[Idempotent] public partial Task XAsync(int a, params string[] b); Task XCoreAsync(int a, string[] b) => Task.CompletedTask;") },
        { "params of a list", Class("[Idempotent] public partial Task XAsync(params List<string> b); Task XCoreAsync(List<string> b) => Task.CompletedTask;") },
        { "in", Class("[Idempotent] public partial Task XAsync(in decimal a, scoped in int b, ref readonly long c); Task XCoreAsync(decimal a, in int b, long c) => Task.CompletedTask;") },
        { "nullable annotations", Class("[Idempotent] public partial Task<string?> XAsync(string? a, List<string?>? b, int? c); Task<string?> XCoreAsync(string? a, List<string?>? b, int? c) => Task.FromResult(a);") },
        { "oblivious code", "#nullable disable\n" + Class("[Idempotent] public partial Task<string> XAsync(string a, List<string> b); Task<string> XCoreAsync(string a, List<string> b) => Task.FromResult(a);") },
        { "oblivious body", Class("[Idempotent] public partial Task<string?> XAsync(string? a);\n#nullable disable\nTask<string> XCoreAsync(string a) => Task.FromResult(a);") },
        { "tuples", Class("[Idempotent] public partial Task<(int Sum, string? Text)> XAsync((int Left, string Right) a); Task<(int Sum, string? Text)> XCoreAsync((int Left, string Right) a) => default!;") },
        { "keywords", Type("class @class(IdempotencyGuard @object)", "[Idempotent] public partial Task @event(int @int, string @string, CancellationToken @default); Task eventCore(int @int, string @string, CancellationToken t) => Task.CompletedTask;") },
        { "contextual keywords", Type("class @record(IdempotencyGuard value)", "[Idempotent] public partial Task var(int from, int await, int scoped, int field, int when, int yield); Task varCore(int a, int b, int c, int d, int e, int f) => Task.CompletedTask;") },
        { "a namespace of keywords", "namespace @event.@class { " + Class("[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") + " }" },
        { "letters of other languages", "namespace Läden; " + Type("class Käufe(IdempotencyGuard wächter)", "[Idempotent] public partial Task ZahleAsync(int größe, string имя); Task ZahleCoreAsync(int größe, string имя) => Task.CompletedTask;") },
        { "parameters named as locals", Class("[Idempotent] public partial Task XAsync(int? __key, int __state, int __context, int __xAsync, int? __value, string key, string item); Task XCoreAsync(int? a, int b, int c, int d, int? e, string f, string g) => Task.CompletedTask;") },
        { "parameters named as tuple elements", Class("[Idempotent] public partial Task XAsync(int Item3, int Rest, int self, int p1); Task XCoreAsync(int a, int b, int c, int d) => Task.CompletedTask;") },
        { "methods named as locals", Class("[Idempotent] public partial void Key(int a); void KeyCore(int a) { } [Idempotent] public partial void State(int a); void StateCore(int a) { } [Idempotent] public partial void Context(int? a); void ContextCore(int? a) { } [Idempotent] public partial void Value(int? a); void ValueCore(int? a) { }") },
        { "methods that differ in case", Class("[Idempotent] public partial void Pay(int a); void PayCore(int a) { } [Idempotent] public partial void pay(int a); void payCore(int a) { }") },
        { "members named as generated ones", Class("public static int __x, __x2; [Idempotent] public partial void X(int a); void XCore(int a) { __x = __x2 = a; }") },
        { "overloads", Class("[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask; [Idempotent] public partial Task XAsync(long a); Task XCoreAsync(long a) => Task.CompletedTask; [Idempotent] public partial Task XAsync<T>(int a); Task XCoreAsync<T>(int a) => Task.CompletedTask;") },
        { "twelve parameters", Class("[Idempotent] public partial Task XAsync(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l); Task XCoreAsync(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l) => Task.CompletedTask;") },
        { "no parameters", Class("[Idempotent] public partial Task XAsync(); Task XCoreAsync() => Task.CompletedTask;") },
        { "implements an interface", "public interface I { Task XAsync(int a); } " + Type("class C(IdempotencyGuard guard) : I", "[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "override", "public class B { public virtual Task<T?> XAsync<T>(int a) where T : class => null!; } " + Type("class C(IdempotencyGuard guard) : B", "[Idempotent] public sealed override partial Task<T?> XAsync<T>(int a) where T : class; Task<T?> XCoreAsync<T>(int a) where T : class => Task.FromResult<T?>(null);") },
        { "override with a default constraint", "public class B { public virtual Task<T?> XAsync<T>(int a) => null!; } " + Type("class C(IdempotencyGuard guard) : B", "[Idempotent] public override partial Task<T?> XAsync<T>(int a) where T : default; Task<T?> XCoreAsync<T>(int a) => Task.FromResult<T?>(default);") },
        { "virtual and new", "public class B { public void X(int a) { } } " + Type("class C(IdempotencyGuard guard) : B", "[Idempotent] public new virtual partial void X(int a); protected virtual void XCore(int a) { }") },
        { "without modifiers", Class("[Idempotent] partial void X(int a); void XCore(int a) { }") },
        { "attributes that may be there once", Class("[Idempotent, System.Diagnostics.DebuggerStepThrough, System.CodeDom.Compiler.GeneratedCode(\"t\", \"1\")] public partial void X(int a); void XCore(int a) { }") },
        { "obsolete types", "[Obsolete] public record Old(int Id); " + Class("\n#pragma warning disable CS0612\n[Idempotent] public partial Task<Old> XAsync(Old a); Task<Old> XCoreAsync(Old a) => Task.FromResult(a);\n#pragma warning restore CS0612\n") },
        { "arguments asked for null", "public record Order(int Id, Order? Next); " + Class("[Idempotent(Key = \"{a.Id}:{a.Next.Id}:{b.Next}\")] public partial Task XAsync(Order a, Order b); Task XCoreAsync(Order a, Order b) => Task.CompletedTask;") },
        { "a name shared by two namespaces", "namespace A { public record Line(int Id); } namespace B { public record Line(int Id); } " + Class("[Idempotent] public partial Task XAsync(A.Line a, B.Line b); Task XCoreAsync(A.Line a, B.Line b) => Task.CompletedTask;") },
        { "a name hidden by the user", "namespace Shop { class System; class Idempotency; " + Class("[global::Idempotency.Idempotent] public partial Task XAsync(int a, DateTime b); Task XCoreAsync(int a, DateTime b) => Task.CompletedTask;") + " }" },
        { "private types", Class("private record Inner(int Id, Inner.Kind Sort) { public enum Kind { A } } [Idempotent] private partial Task XAsync(Inner a, Inner.Kind[] b); Task XCoreAsync(Inner a, Inner.Kind[] b) => Task.CompletedTask; [Idempotent] private partial Task YAsync<T>(Inner a); Task YCoreAsync<T>(Inner a) => Task.CompletedTask;") },
        { "composites of the type's arguments", "public record Box<T>(T Value, List<Box<T>> Boxes) where T : IIdempotencyKeyPart; " + Type("class C<T>(IdempotencyGuard guard) where T : class, IIdempotencyKeyPart", "[Idempotent] public partial Task XAsync(Box<T> a, T? b); Task XCoreAsync(Box<T> a, T? b) => Task.CompletedTask;") },
        { "annotations inside a composite", "public record Box<T>(List<T> Values); " + Class("[Idempotent] public partial Task XAsync(Box<string> a, Box<string?> b, Box<int?>? c); Task XCoreAsync(Box<string> a, Box<string?> b, Box<int?>? c) => Task.CompletedTask;") },
        { "members named by keywords", "public record Line(int @class, string @namespace, Line? @event); " + Class("[Idempotent(Key = \"{a.event.class}\")] public partial Task XAsync(Line a); Task XCoreAsync(Line a) => Task.CompletedTask;") },
        { "members hidden and overridden", "public abstract class A { public virtual object? Id { get; } public abstract int Sum { get; } } public class B : A { public new int Id { get; } public override int Sum => 1; } " + Class("[Idempotent] public partial Task XAsync(B a); Task XCoreAsync(B a) => Task.CompletedTask;") },
        { "collections of collections", Class("[Idempotent] public partial Task XAsync(Dictionary<(int, string?), HashSet<int?>[]>? a, ImmutableDictionary<Guid, ImmutableArray<decimal?>> b, List<Memory<byte>?> c, Queue<KeyValuePair<int, ArraySegment<byte>>> d); Task XCoreAsync(Dictionary<(int, string?), HashSet<int?>[]>? a, ImmutableDictionary<Guid, ImmutableArray<decimal?>> b, List<Memory<byte>?> c, Queue<KeyValuePair<int, ArraySegment<byte>>> d) => Task.CompletedTask;") },
        { "a tuple of nine", Class("[Idempotent] public partial Task XAsync((int a, int, int, int, int, int, int, int, string? i)? a); Task XCoreAsync((int a, int, int, int, int, int, int, int, string? i)? a) => Task.CompletedTask;") },
        { "every scalar", "#pragma warning disable IDEM029\n" + Class("[Idempotent] public partial void X(bool a, sbyte b, byte c, short d, ushort e, int f, uint g, long h, ulong i, nint j, nuint k, Int128 l, UInt128 m, System.Numerics.BigInteger n, Half o, float p, double q, decimal r, char s, System.Text.Rune t, string u, Guid v, DateTime w, DateTimeOffset x, DateOnly y, TimeOnly z, TimeSpan aa, Uri? bb, Version? cc, nint? dd); void XCore(bool a, sbyte b, byte c, short d, ushort e, int f, uint g, long h, ulong i, nint j, nuint k, Int128 l, UInt128 m, System.Numerics.BigInteger n, Half o, float p, double q, decimal r, char s, System.Text.Rune t, string u, Guid v, DateTime w, DateTimeOffset x, DateOnly y, TimeOnly z, TimeSpan aa, Uri? bb, Version? cc, nint? dd) { }") },
        { "a template through structs and interfaces", "public interface INamed { string? Name { get; } } public interface IOrder : INamed { DateTime? At { get; } } public struct Line { [IdempotencyIgnore] public IOrder? Order; public int? Count { get; set; } } " + Class("[Idempotent(Key = \"{a.Order.Name}{a.Order.At}{a.Count}{b.Order.At.Ticks}{c.Length}\")] public partial Task XAsync(Line a, [IdempotencyIgnore] string d, Line? b2, string c, Guid e) ; Task XCoreAsync(Line a, string d, Line? b2, string c, Guid e) => Task.CompletedTask;").Replace("{b.Order", "{b2.Order", StringComparison.Ordinal) },
        { "parameter attributes", Class("[Idempotent] public partial Task XAsync([System.Diagnostics.CodeAnalysis.AllowNull] string a, [System.Runtime.CompilerServices.CallerMemberName] string b = \"\"); Task XCoreAsync(string? a, string b) => Task.CompletedTask;") },
        { "a type parameter named as a generated member", Class("[Idempotent] public partial Task XAsync<__xAsync, __key>(int a); Task XCoreAsync<A, B>(int a) => Task.CompletedTask;") },
        { "the context of an outer call", Class("[Idempotent] public partial Task XAsync(IdempotencyContext outer, int a); Task XCoreAsync(IdempotencyContext mine, int a) => Task.CompletedTask;") },
        { "policies", Class("[Idempotent(Ttl = \"1.00:00:00\", Lease = \"250ms\", WaitTimeout = \"5m\", OnDuplicate = OnDuplicate.Wait, OnFailure = OnFailure.Lock, OnCrash = (OnCrash)1, LockOn = new[] { typeof(ArgumentException) }, UnlockOn = [typeof(TimeoutException)], CancelBody = true, Store = \"a\\\"b\", Name = \"pay\\u2028\", Version = 3)] public partial Task XAsync(int a, CancellationToken t); Task XCoreAsync(int a) => Task.CompletedTask;") },
    };

    public static TheoryData<string, string, string> Unsupported => new()
    {
        { "ref", "IDEM005", Class("[Idempotent] public partial Task XAsync(ref int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "out", "IDEM005", Class("[Idempotent] public partial void X(out int a); void XCore(out int a) => a = 1;") },
        { "ref return", "IDEM005", Class("[Idempotent] public partial ref int X(int a); ref int XCore(int a) => throw null!;") },
        { "pointer", "IDEM005", Class("[Idempotent] public unsafe partial void X(int* a); unsafe void XCore(int* a) { }") },
        { "function pointer", "IDEM005", Class("[Idempotent] public unsafe partial void X(delegate*<void> a); unsafe void XCore(delegate*<void> a) { }") },
        { "array of pointers", "IDEM005", Class("[Idempotent] public unsafe partial void X(int*[] a); unsafe void XCore(int*[] a) { }") },
        { "span", "IDEM005", Class("[Idempotent] public partial void X(Span<int> a); void XCore(Span<int> a) { }") },
        { "params span", "IDEM005", Class("[Idempotent] public partial void X(params ReadOnlySpan<int> a); void XCore(ReadOnlySpan<int> a) { }") },
        { "ref struct result", "IDEM005", Class("[Idempotent] public partial Span<int> X(int a); Span<int> XCore(int a) => default;") },
        { "dynamic", "IDEM005", Class("[Idempotent] public partial void X(List<dynamic> a); void XCore(List<dynamic> a) { }") },
        { "allows ref struct", "IDEM005", Class("[Idempotent] public partial void X<T>(int a) where T : allows ref struct; void XCore<T>(int a) where T : allows ref struct { }") },
        { "generic method of a variant interface", "IDEM005", "public partial interface I<in T> { IdempotencyGuard Guard { get; } [Idempotent] public partial Task XAsync<TItem>(int a); private Task XCoreAsync<TItem>(int a) => Task.CompletedTask; }" },
        { "ref struct type", "IDEM005", "public ref partial struct C { IdempotencyGuard g; [Idempotent] public partial void X(int a); void XCore(int a) { } }" },
        { "async stream", "IDEM005", Class("[Idempotent] public partial IAsyncEnumerable<int> X(int a); IAsyncEnumerable<int> XCore(int a) => null!;") },
        { "iterator", "IDEM005", Class("[Idempotent] public partial IEnumerable<int> X(int a); IEnumerable<int> XCore(int a) { yield return a; }") },
        { "task in a task", "IDEM005", Class("[Idempotent] public partial Task<Task<int>> XAsync(int a); Task<Task<int>> XCoreAsync(int a) => null!;") },
        { "task that may be null", "IDEM005", Class("[Idempotent] public partial Task<int>? XAsync(int a); Task<int>? XCoreAsync(int a) => null;") },
        { "another awaitable", "IDEM005", "[System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(int))] public class Mine; " + Class("[Idempotent] public partial Mine XAsync(int a); Mine XCoreAsync(int a) => new();") },
        { "async declaration", "IDEM005", Class("[Idempotent] public async partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "async void body", "IDEM005", Class("[Idempotent] public partial void X(int a); async void XCore(int a) => await Task.Yield();") },
        { "two tokens", "IDEM005", Class("[Idempotent] public partial Task XAsync(int a, CancellationToken b, CancellationToken c); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "file type", "IDEM005", "file partial class C(IdempotencyGuard guard) { [Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask; }" },
        { "type in a file type", "IDEM005", "file partial class O { public partial class C(IdempotencyGuard guard) { [Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask; } }" },
        { "explicit implementation", "IDEM005", "public interface I { Task XAsync(int a); } " + Type("class C(IdempotencyGuard guard) : I", "[Idempotent] partial Task I.XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "local function", "IDEM005", Class("public void M() { [Idempotent] void Local(int a) { } Local(1); }") },
        { "lambda", "IDEM005", Class("public Action<int> M() => [Idempotent] (a) => { };") },
        { "accessor", "IDEM005", Class("public int P { [Idempotent] get; }") },
        { "operator", "IDEM005", Class("[Idempotent] public static C operator +(C a, C b) => a;") },
        { "arglist", "IDEM005", Class("[Idempotent] public partial void X(int a, __arglist); void XCore(int a) { }") },
        { "hidden constructor parameter", "IDEM003", Class("[Idempotent] public partial Task XAsync(int guard); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "two guards", "IDEM004", Type("class C", "readonly IdempotencyGuard _a = null!, _b = null!; [Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);") },
        { "static without a guard", "IDEM003", Class("[Idempotent] public static partial Task XAsync(int a); static Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "type not partial", "IDEM006", "public class C(IdempotencyGuard guard) { [Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask; }" },
        { "outer type not partial", "IDEM006", "public class O { public partial class C(IdempotencyGuard guard) { [Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask; } }" },
        { "async method with a body", "IDEM002", Class("[Idempotent] public async Task XAsync(int a) => await Task.Yield();") },
        { "method with a body", "IDEM002", Class("[Idempotent] public Task XAsync(int a) => Task.CompletedTask;") },
        { "not partial in an interface", "IDEM002", "public partial interface I { IdempotencyGuard G { get; } [Idempotent] Task XAsync(int a); }" },
        { "abstract", "IDEM002", Type("abstract class C(IdempotencyGuard guard)", "public IdempotencyGuard G => guard; [Idempotent] public abstract Task XAsync(int a);") },
        { "attribute on the implementing part", "IDEM002", Class("public partial Task XAsync(int a); [Idempotent] public partial Task XAsync(int a) => Task.CompletedTask;") },
        { "only an implementing part", "IDEM002", Class("[Idempotent] public partial Task XAsync(int a) => Task.CompletedTask;") },
        { "implemented by hand", "IDEM002", Class("[Idempotent] public partial Task XAsync(int a); public partial Task XAsync(int a) => Task.CompletedTask;") },
        { "body returns null where the method does not", "IDEM001", Class("[Idempotent] public partial Task<string> XAsync(int a); Task<string?> XCoreAsync(int a) => null!;") },
        { "body takes no null where the method does", "IDEM001", Class("[Idempotent] public partial Task XAsync(string? a); Task XCoreAsync(string a) => Task.CompletedTask;") },
        { "body with a stricter constraint", "IDEM001", Class("[Idempotent] public partial Task XAsync<T>(int a); Task XCoreAsync<T>(int a) where T : new() => Task.CompletedTask;") },
        { "body that is an instance method of a static one", "IDEM001", Class("[Idempotent] public static partial Task XAsync(IdempotencyGuard g, int a); Task XCoreAsync(int a) => Task.CompletedTask;") },
        { "body that is itself", "IDEM001", Class("[Idempotent(Body = nameof(XAsync))] public partial Task XAsync(int a);") },
        { "a type that does not exist", "IDEM015", Class("[Idempotent] public partial Task XAsync(Missing a); Task XCoreAsync(Missing a) => Task.CompletedTask;") },
    };

    [Theory, MemberData(nameof(Working))]
    public async Task It_works(string shape, string source)
    {
        var run = GeneratorRun.On(source);

        Assert.NotEmpty(shape);
        Assert.True(run.HasGuards);
        Assert.Empty(run.Complaints);
        Assert.Empty(await run.AnalyzeAsync());
    }

    [Theory, MemberData(nameof(Unsupported))]
    public async Task It_is_refused_with_a_reason(string shape, string id, string source)
    {
        var run = GeneratorRun.On(source);

        Assert.NotEmpty(shape);
        Assert.Null(run.Result.Exception);
        Assert.False(run.HasGuards);
        Assert.Equal([id], (await run.AnalyzeAsync()).Select(static diagnostic => diagnostic.Id).Distinct());
    }

    [Fact]
    public void Types_that_differ_by_case_only_get_files_of_their_own()
    {
        const string members = "[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;";

        var run = GeneratorRun.On(Type("class Shop(IdempotencyGuard guard)", members), Type("class SHOP(IdempotencyGuard guard)", members));

        Assert.Equal(["Shop.Idempotent.g.cs", "SHOP2.Idempotent.g.cs"], run.Result.GeneratedSources.Select(static source => source.HintName));
        Assert.Empty(run.Complaints);
    }

    [Fact]
    public void Methods_of_a_type_spread_over_files_share_one()
    {
        var run = GeneratorRun.On(
            Class("[Idempotent] public partial Task XAsync(int a); Task XCoreAsync(int a) => Task.CompletedTask;"),
            "public partial class C { [Idempotent] public partial Task YAsync(int a); Task YCoreAsync(int a) => Task.CompletedTask; }");

        Assert.Single(run.Result.GeneratedSources);
        Assert.Empty(run.Complaints);
    }

    private static string Class(string members) => Type("class C(IdempotencyGuard guard)", members);

    private static string Type(string declaration, string members)
    {
        var words = declaration.Split(' ');
        var at = Array.FindIndex(words, static word => word is "class" or "struct" or "record");
        return $"public {string.Join(' ', [.. words[..at], "partial", .. words[at..]])} {{ {members} }}";
    }
}
