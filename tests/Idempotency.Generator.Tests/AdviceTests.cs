using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests;

/// <summary>Rules about methods that do get a guard. Each points at the token to change and can be silenced; its page has the plain good example.</summary>
public sealed class AdviceTests
{
    private const string InTransaction = " Task XCoreAsync(int a, System.Data.Common.DbTransaction t) => Task.CompletedTask;";
    private const string Core = " Task XCoreAsync(int a) => Task.CompletedTask;";

    public static TheoryData<string, string> Reported => new()
    {
        { "IDEM020", "[Idempotent(Name = \"n\")] public partial Task XAsync(int a); [Idempotent(Name = «\"n\"», Version = 1)] public partial Task YAsync(string b); Task YCoreAsync(string b) => Task.CompletedTask;" + Core },
        { "IDEM021", "[Idempotent(Ttl = «\"29s\"»)] public partial Task XAsync(int a);" + Core },
        { "IDEM021", "[Idempotent(Ttl = «\"1h\"», Lease = \"2h\")] public partial Task XAsync(int a);" + Core },
        { "IDEM022", "[Idempotent(OnDuplicate = OnDuplicate.Throw, WaitTimeout = «\"5s\"»)] public partial Task XAsync(int a);" + Core },
        { "IDEM023", "[Idempotent(OnDuplicate = «OnDuplicate.Wait»)] public partial Task XAsync(int a);" + Core },
        { "IDEM024", "[Idempotent(UnlockOn = [«typeof(TimeoutException)»])] public partial Task XAsync(int a);" + Core },
        { "IDEM024", "[Idempotent(LockOn = [typeof(TimeoutException), typeof(FormatException)], UnlockOn = [«typeof(FormatException)»])] public partial Task XAsync(int a);" + Core },
        { "IDEM024", "[Idempotent(LockOn = [typeof(TimeoutException), «typeof(TimeoutException)»])] public partial Task XAsync(int a);" + Core },
        { "IDEM024", "[Idempotent(LockOn = [«typeof(Exception)»])] public partial Task XAsync(int a);" + Core },
        { "IDEM024", "[Idempotent(OnFailure = OnFailure.Lock, UnlockOn = [«typeof(Exception)»])] public partial Task XAsync(int a);" + Core },
        { "IDEM024", "[Idempotent(OnFailure = OnFailure.Lock, LockOn = [«typeof(TaskCanceledException)»])] public partial Task XAsync(int a);" + Core },
        { "IDEM025", "[Idempotent(OnCrash = «OnCrash.Hold»)] public partial Task XAsync(int a);" + Core },
        { "IDEM025", "[Idempotent(OnCrash = «OnCrash.Hold», OnFailure = OnFailure.Unlock)] public partial Task XAsync(int a);" + Core },
        { "IDEM026", "[Idempotent] public partial Task<«System.IO.MemoryStream»> XAsync(int a); Task<System.IO.MemoryStream> XCoreAsync(int a) => throw new FormatException();" },
        { "IDEM026", "[Idempotent] public partial ValueTask<«(int, Func<int>)»> XAsync(int a); ValueTask<(int, Func<int>)> XCoreAsync(int a) => throw new FormatException();" },
        { "IDEM026", "[Idempotent] public partial «System.Linq.IQueryable<int>» XAsync(int a); System.Linq.IQueryable<int> XCoreAsync(int a) => throw new FormatException();" },
        { "IDEM026", "[Idempotent] public partial Task<«List<System.Net.Http.HttpResponseMessage>»> XAsync(int a); Task<List<System.Net.Http.HttpResponseMessage>> XCoreAsync(int a) => throw new FormatException();" },
        { "IDEM026", "[Idempotent] public partial Task<«Page»> XAsync(int a); Task<Page> XCoreAsync(int a) => throw new FormatException(); public record Page(Page? Next, Lazily Body); public record Lazily(Task<int> Value);" },
        { "IDEM026", "[Idempotent] public partial System.Threading.Tasks.Task<«nint»> XAsync(int a); System.Threading.Tasks.Task<nint> XCoreAsync(int a) => throw new FormatException();" },
        { "IDEM027", "[Idempotent] public partial Task<«object»> XAsync(int a); Task<object> XCoreAsync(int a) => throw new FormatException();" },
        { "IDEM027", "[Idempotent] public partial Task<«Dictionary<string, object?>»> XAsync(int a); Task<Dictionary<string, object?>> XCoreAsync(int a) => throw new FormatException();" },
        { "IDEM027", "[Idempotent] public partial Task<«Shape[]»> XAsync(int a); Task<Shape[]> XCoreAsync(int a) => throw new FormatException(); public abstract record Shape;" },
        { "IDEM027", "[Idempotent] public partial Task<«Box»> XAsync(int a); Task<Box> XCoreAsync(int a) => throw new FormatException(); public record Box(IComparable Content);" },
        { "IDEM029", "[Idempotent] public partial Task XAsync(int a, double? «b»); Task XCoreAsync(int a, double? b) => throw new FormatException();" },
        { "IDEM029", "[Idempotent] public partial Task XAsync(Order «a»); Task XCoreAsync(Order a) => throw new FormatException(); public record Order(int Id, IReadOnlyList<Line> Lines); public record Line((int, float) Price);" },
        { "IDEM029", "[Idempotent(Key = «\"{a.Price}\"»)] public partial Task XAsync(Line a); Task XCoreAsync(Line a) => throw new FormatException(); public record Line(int Id, Half Price);" },
        { "IDEM030", "[Idempotent] public partial Task XAsync(int a, string? «userEmail»); Task XCoreAsync(int a, string? userEmail) => throw new FormatException();" },
        { "IDEM030", "[Idempotent] public partial Task XAsync(Card «card»); Task XCoreAsync(Card card) => throw new FormatException(); public record Card(string CardNumber);" },
        { "IDEM030", "[Idempotent] public partial Task XAsync(int «CVV»); Task XCoreAsync(int CVV) => throw new FormatException();" },
        { "IDEM030", "[Idempotent(Key = «\"{a}:{b.ApiKey}\"»)] public partial Task XAsync(int a, Login b); Task XCoreAsync(int a, Login b) => throw new FormatException(); public record Login(Guid Id, string ApiKey);" },
        { "IDEM031", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y() => XAsync(«Guid.NewGuid().ToString()», default);" },
        { "IDEM031", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y() => XAsync(b: default, a: «$\"{DateTime.UtcNow:O}\"»);" },
        { "IDEM031", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task Y(string s) { string a = s + Random.Shared.Next(); await XAsync(«a», default); }" },
        { "IDEM031", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y(System.Diagnostics.Stopwatch w) => XAsync(«w.ElapsedMilliseconds.ToString()», default);" },
        { "IDEM031", "[Idempotent(Key = \"{a}\")] public partial Task XAsync(Guid a, DateTimeOffset b); Task XCoreAsync(Guid a, DateTimeOffset b) => Task.CompletedTask; Func<Task> Y() => () => XAsync(«Guid.CreateVersion7()», DateTimeOffset.Now);" },
        { "IDEM031", "[Idempotent] public partial Task XAsync<T>(T a) where T : IIdempotencyKeyPart; Task XCoreAsync<T>(T a) => Task.CompletedTask; [Idempotent] public partial Task ZAsync(DateTime? a); Task ZCoreAsync(DateTime? a) => Task.CompletedTask; Task Y() => ZAsync(«DateTime.Now»);" },
        { "IDEM032", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y() => «XCoreAsync»(\"\", default);" },
        { "IDEM032", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y(C? c) => c?.«XCoreAsync»(\"\", default)!;" },
        { "IDEM032", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; [Idempotent] public partial Task ZAsync(int a); Task ZCoreAsync(int a) => this.«XCoreAsync»(\"\", default);" },
        { "IDEM033", "[Idempotent] public partial Task XAsync(List<int> a); async Task XCoreAsync(List<int> a) { await Task.Yield(); «a.Add(1)»; }" },
        { "IDEM033", "[Idempotent] public partial Task XAsync(List<int> a); async Task XCoreAsync(System.Data.Common.DbTransaction t, List<int> b) { await Task.Yield(); «b.Add(1)»; }" },
        { "IDEM033", "[Idempotent] public partial Task XAsync(int[] a); async Task XCoreAsync(int[] a) { await Task.Yield(); «a[0] = 1»; }" },
        { "IDEM033", "[Idempotent] public partial Task XAsync(Order a); async Task XCoreAsync(Order a) { await Task.Yield(); «a.Name = \"\"»; } public class Order { public string Name { get; set; } = \"\"; }" },
        { "IDEM033", "[Idempotent] public partial Task XAsync(Order a); async Task XCoreAsync(Order a) { await Task.Yield(); «a.Lines[0].Count++»; } public record Order(List<Line> Lines); public class Line { public int Count { get; set; } }" },
        { "IDEM033", "[Idempotent] public partial Task XAsync([IdempotencyKey] int[] a, int b); async Task XCoreAsync(int[] a, int b) { await Task.Yield(); «Array.Sort(a)»; }" },
        { "IDEM034", "[Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); await «XAsync»(a); }" },
        { "IDEM034", "[Idempotent] public partial Task XAsync([IdempotencyKey] int a, int b); async Task XCoreAsync(int a, int b) { await Task.Yield(); if (a > 1) await this.«XAsync»(a, b: 7); }" },
        { "IDEM035", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch («Exception») { } return 1; }" },
        { "IDEM035", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } «catch» { } return 1; }" },
        { "IDEM035", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch («IdempotencyException» e) { Console.WriteLine(e); } return 1; }" },
        { "IDEM035", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (InvalidOperationException) { throw; } catch («LeaseLostException») { return 2; } return 1; }" },
        { "IDEM035", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { try { await XAsync(\"\", default); } catch (OutcomeNotStoredException) { throw; } } catch («Exception») { } return 1; }" },
        { "IDEM036", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task XAsync() => Task.CompletedTask; public void X(int a) { } async Task Y() { while (true) { try { await «XAsync»(); } catch (TimeoutException) { } } }" },
        { "IDEM036", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task XAsync() => Task.CompletedTask; public void X(int a) { } void Y() { foreach (var i in new[] { 1, 2 }) { try { «X»(i); break; } catch (Exception e) { Console.WriteLine(e); } } }" },
        { "IDEM036", "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task XAsync() => Task.CompletedTask; public void X(int a) { } Task Y(Polly.Retry.Pipeline p) => p.ExecuteAsync(async t => await «XAsync»()); } namespace Polly.Retry { public class Pipeline { public Task ExecuteAsync(Func<CancellationToken, Task> f) => f(default); }" },
        { "IDEM042", "object G() => guard; public partial struct S(IdempotencyGuard guard) { int _n; (int A, int B) _t; [Idempotent] public partial void X(int a); void XCore(int a) { «_n = a»; «this._t.A++»; Interlocked.Increment(«ref _n»); } }" },
        { "IDEM042", "object G() => guard; public partial record struct S(IdempotencyGuard guard) { public int N { get; set; } [Idempotent] public partial void X(int a); void XCore(int a) { «N += a»; «this = default»; } }" },
        { "IDEM037", "System.Net.Http.HttpClient _h = new(); [Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); await _h.«PostAsync»(\"\", null); }" },
        { "IDEM037", "System.Net.Http.HttpClient _h = new(); [Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); await _h.«SendAsync»(new(System.Net.Http.HttpMethod.Patch, \"\")); }" },
        { "IDEM037", "System.Net.Http.HttpClient _h = new(); [Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); await System.Net.Http.Json.HttpClientJsonExtensions.«PostAsJsonAsync»(_h, \"\", a); }" },
        { "IDEM043", "[Idempotent(Ttl = \"1s\", OnCrash = «OnCrash.Hold»)] public partial Task XAsync(int a);" + InTransaction },
        { "IDEM043", "[Idempotent(Lease = «\"2h\"»)] public partial Task XAsync(int a);" + InTransaction },
        { "IDEM044", "[Idempotent] public partial void X(int a); void XCore(System.Data.Common.DbTransaction t, int a) { if (a > 1) t.«Commit»(); else t.Rollback(\"savepoint\"); }" },
        { "IDEM044", "[Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a, Shop.Sql.SqlTransaction t) { await t.«RollbackAsync»(); await t.«DisposeAsync»(); } } namespace Shop.Sql { public abstract class SqlTransaction : System.Data.Common.DbTransaction;" },
        { "IDEM044", "[Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a, ShopContext c) { await Task.Yield(); c.Database.«CommitTransaction»(); } public class ShopContext : Microsoft.EntityFrameworkCore.DbContext; } namespace Microsoft.EntityFrameworkCore { public class DbContext { public Facade Database => new(); } public class Facade { public void CommitTransaction() { } }" },
    };

    public static TheoryData<string> Silent =>
    [
        "[Idempotent(Ttl = \"1s\")] public partial Task XAsync(int a);" + InTransaction,
        "[Idempotent] public partial void X(int a); void XCore(System.Data.Common.DbTransaction t, int a) { t.Save(\"s\"); t.Rollback(\"s\"); } void Y(System.Data.Common.DbTransaction t) => t.Commit();",
        "[Idempotent] public partial void X(int a, [IdempotencyIgnore] System.Data.Common.DbTransaction t); void XCore(int a, System.Data.Common.DbTransaction t) => t.Commit();",
        "[Idempotent] public partial Task XAsync(List<int> a); async Task XCoreAsync(System.Data.Common.DbTransaction t, List<int> b) { await Task.Yield(); b.ToArray(); }",
        "[Idempotent(Name = \"n\")] public partial Task XAsync(int a); [Idempotent(Name = \"n\", Version = 2)] public partial Task XAsync(string a); Task XCoreAsync(string a) => Task.CompletedTask;" + Core,
        "[Idempotent] public partial Task XAsync(int a); [Idempotent] public partial Task XAsync(string a); Task XCoreAsync(string a) => Task.CompletedTask;" + Core,
        "[Idempotent(Ttl = \"30s\")] public partial Task XAsync(int a);" + Core,
        "[Idempotent(Ttl = \"5s\", Lease = \"2s\")] public partial Task XAsync(int a);" + Core,
        "[Idempotent(Lease = \"2h\")] public partial Task XAsync(int a);" + Core,
        "[Idempotent(OnDuplicate = OnDuplicate.Wait, WaitTimeout = \"5s\")] public partial Task XAsync(CancellationToken t, int a);" + Core,
        "[Idempotent(LockOn = [typeof(ArgumentException)], UnlockOn = [typeof(ArgumentNullException)])] public partial Task XAsync(int a);" + Core,
        "[Idempotent(OnFailure = OnFailure.Lock, LockOn = [typeof(FormatException)], UnlockOn = [typeof(TimeoutException)])] public partial Task XAsync(int a);" + Core,
        "[Idempotent(OnCrash = OnCrash.Hold, UnlockOn = [typeof(TimeoutException)])] public partial Task XAsync(int a);" + Core,
        "[Idempotent(OnCrash = OnCrash.Hold, OnFailure = OnFailure.Lock)] public partial Task XAsync(int a);" + Core,
        "[Idempotent] public partial Task<IReadOnlyList<KeyValuePair<string, int?[]>>> XAsync(int a); Task<IReadOnlyList<KeyValuePair<string, int?[]>>> XCoreAsync(int a) => throw new FormatException();",
        "[Idempotent] public partial Task<System.Text.Json.JsonDocument> XAsync(int a); Task<System.Text.Json.JsonDocument> XCoreAsync(int a) => throw new FormatException();",
        "[Idempotent] public partial Task<Page> XAsync(int a); Task<Page> XCoreAsync(int a) => throw new FormatException(); public record Page(int Id, Page? Next) { [System.Text.Json.Serialization.JsonIgnore] public System.IO.Stream? Body { get; init; } }",
        "[Idempotent] public partial Task<Shape> XAsync(int a); Task<Shape> XCoreAsync(int a) => throw new FormatException(); [System.Text.Json.Serialization.JsonDerivedType(typeof(Circle), \"c\")] public abstract record Shape; public record Circle(int R) : Shape;",
        "[Idempotent] public partial Task<Money> XAsync(int a); Task<Money> XCoreAsync(int a) => throw new FormatException(); [System.Text.Json.Serialization.JsonConverter(typeof(object))] public interface Money;",
        "[Idempotent] public partial Task<int> XAsync([IdempotencyKey] int a, double b, string password); Task<int> XCoreAsync(int a, double b, string password) => throw new FormatException();",
        "[Idempotent] public partial Task<int> XAsync(Order a); Task<int> XCoreAsync(Order a) => throw new FormatException(); public record Order([IdempotencyKey] int Id, double Weight, string Email);",
        "[Idempotent] public partial Task<int> XAsync(string requestToken, string spinner, string companyName, bool password, Guid token); Task<int> XCoreAsync(string requestToken, string spinner, string companyName, bool password, Guid token) => throw new FormatException();",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y(string s) => XAsync(s, DateTime.UtcNow);",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task Y() { var a = Guid.NewGuid().ToString(); await XAsync(a, default); await XAsync(a, default); }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task Y() { var a = Guid.NewGuid().ToString(); while (true) { await XAsync(a, default); } }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y() { var a = Guid.NewGuid().ToString(); Func<Task> f = () => XAsync(a, default); return f(); }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; Task Y(Order o) => XAsync(o.Now, default); public record Order(string Now);",
        "[Idempotent] public partial Task XAsync([IdempotencyKey] int a, Guid b); Task XCoreAsync(int a, Guid b) => Task.CompletedTask; Task Y() => XAsync(1, Guid.NewGuid());",
        "[Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); if (a > 1) await XCoreAsync(a - 1); }",
        "[Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); await XAsync(a - 1); }",
        "[Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); a = a - 1; await XAsync(a); }",
        "[Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); Func<Task> later = () => XAsync(a); _ = later; }",
        "[Idempotent] public partial Task XAsync(int a, int b); async Task XCoreAsync(int a, int b) { await Task.Yield(); await XAsync((long)a, b); } public Task XAsync(long a, int b) => Task.CompletedTask;",
        "[Idempotent] public partial Task XAsync(List<int> a); async Task XCoreAsync(List<int> a) { await Task.Yield(); a = [1]; a.ToArray(); var copy = new List<int>(a); copy.Add(1); }",
        "[Idempotent] public partial Task XAsync([IdempotencyKey] int b, List<int> a); async Task XCoreAsync(int b, List<int> a) { await Task.Yield(); a.Add(1); }",
        "[Idempotent] public partial Task XAsync(Order a); async Task XCoreAsync(Order a) { await Task.Yield(); a.Name = \"\"; } public class Order { public int Id { get; set; } [IdempotencyIgnore] public string Name { get; set; } = \"\"; }",
        "[Idempotent] public partial Task XAsync(Order a); async Task XCoreAsync(Order a) { await Task.Yield(); a.Name = \"\"; } public struct Order { public string Name { get; set; } }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (Exception) { throw; } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (Exception e) { log(e); } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (Exception) { return 2; } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (TimeoutException) { } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (Exception e) when (e is not IdempotencyException) { } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (IdempotencyException) { throw; } catch (Exception) { } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { await XAsync(\"\", default); } catch (OutcomeNotStoredException e) { log(e); } catch (LeaseLostException) { throw; } catch (Exception) { } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; async Task<int> Y(Action<Exception> log) { try { Func<Task> later = () => XAsync(\"\", default); await Task.Yield(); } catch (Exception) { } return 1; }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task XAsync() => Task.CompletedTask; public void X(int a) { } async Task Y() { while (true) { await XAsync(); } }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task XAsync() => Task.CompletedTask; public void X(int a) { } async Task Y() { while (true) { try { await XAsync(); } catch (TimeoutException) { throw; } } }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task XAsync() => Task.CompletedTask; public void X(int a) { } async Task Y() { try { await XAsync(); } catch (TimeoutException) { } }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task XAsync() => Task.CompletedTask; public void X(int a) { } async Task Y() { while (true) { try { await XAsync(\"\", default); } catch (TimeoutException) { } } }",
        "[Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; public Task ZAsync() => Task.CompletedTask; async Task Y() { while (true) { try { await ZAsync(); } catch (TimeoutException) { } } }",
        "object G() => guard; public partial struct S(IdempotencyGuard guard) { static int s_n; readonly int[] _a = [1]; readonly Holder _h = new(); [Idempotent] public partial void X(int a); void XCore(int a) { a = 1; s_n = a; _a[0] = a; _h.N = a; Other(ref a); } static void Other(ref int a) => a++; class Holder { public int N; } }",
        "object G() => guard; public partial class S(IdempotencyGuard guard) { int _n; [Idempotent] public partial void X(int a); void XCore(int a) => _n = a; }",
        "object G() => guard; public partial struct S(IdempotencyGuard guard) { int _n; void Y(int a) => _n = a; [Idempotent] public partial void X(int a); void XCore(int a) => Console.Write(_n); }",
        "System.Net.Http.HttpClient _h = new(); [Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a) { await Task.Yield(); await _h.GetAsync(\"\"); await _h.SendAsync(new(System.Net.Http.HttpMethod.Get, \"\")); }",
        "System.Net.Http.HttpClient _h = new(); [Idempotent] public partial Task XAsync([IdempotencyKey] int a); async Task XCoreAsync(int a) { await Task.Yield(); await _h.PostAsync($\"{a}\", null); }",
        "System.Net.Http.HttpClient _h = new(); [Idempotent] public partial Task XAsync(int a); async Task XCoreAsync(int a, IdempotencyContext c) { await Task.Yield(); await _h.PostAsync(c.ChildKey(\"x\"), null); }",
        "System.Net.Http.HttpClient _h = new(); Task Y() => _h.PostAsync(\"\", null); [Idempotent] public partial Task XAsync(string a, [IdempotencyIgnore] DateTime b); Task XCoreAsync(string a, DateTime b) => Task.CompletedTask; ",
    ];

    [Theory, MemberData(nameof(Reported))]
    public async Task A_rule_points_at_what_is_doubtful(string id, string members)
    {
        var marked = Marked.Read(InClass(members));
        var run = GeneratorRun.On(marked.Source);

        var found = await run.AnalyzeAsync();

        Assert.Empty(run.Complaints);
        Assert.All(found, diagnostic => Assert.Equal(id, diagnostic.Id));
        Assert.Equal(marked.Spans, found.Select(Marked.Show));
    }

    [Theory, MemberData(nameof(Reported))]
    public async Task A_rule_can_be_silenced_in_the_source(string id, string members) =>
        Assert.Empty(await GeneratorRun.On($"#pragma warning disable {id}\n{InClass(Marked.Read(members).Source)}").AnalyzeAsync());

    [Theory, MemberData(nameof(Reported))]
    public async Task A_rule_can_be_configured(string id, string members)
    {
        var compilation = Compile.From(InClass(Marked.Read(members).Source));
        var configured = compilation.WithOptions(compilation.Options.WithSyntaxTreeOptionsProvider(new EditorConfig(id, ReportDiagnostic.Suppress)));

        Assert.Empty(await GeneratorRun.On(configured).AnalyzeAsync());
    }

    [Theory, MemberData(nameof(Silent))]
    public async Task What_is_sound_is_left_alone(string members)
    {
        var run = GeneratorRun.On(InClass(members));

        Assert.Empty(run.Complaints);
        Assert.True(run.HasGuards);
        Assert.Empty(await run.AnalyzeAsync());
    }

    [Theory]
    [InlineData("PublishTrimmed", "true", "", "«Receipt»")]
    [InlineData("PublishAot", "True", "[JsonSerializable(typeof(string))] partial class J : JsonSerializerContext;", "«Receipt»")]
    [InlineData("PublishAot", "true", "[JsonSerializable(typeof(List<Receipt>))] partial class J : JsonSerializerContext;", "Receipt")]
    [InlineData("PublishAot", "true", "[JsonSerializable(typeof(Page))] partial class J : JsonSerializerContext; public record Page(Receipt? First);", "Receipt")]
    [InlineData("PublishAot", "false", "", "Receipt")]
    [InlineData("IsAotCompatible", "true", "", "Receipt")]
    [InlineData("EnableAotAnalyzer", "true", "", "Receipt")]
    public async Task A_trimmed_application_needs_a_contract_for_every_result(string property, string value, string context, string result)
    {
        var marked = Marked.Read($$"""
            // <{{property}}>{{value}}</{{property}}>
            using System.Text.Json.Serialization;
            public partial class C(IdempotencyGuard guard)
            {
                [Idempotent] public partial Task<{{result}}> XAsync(int a);
                Task<Receipt> XCoreAsync(int a) => Task.FromResult(new Receipt(a));
                [Idempotent] public partial Task YAsync(int a);
                Task YCoreAsync(int a) => Task.CompletedTask;
            }
            public record Receipt(int Id);
            {{context}}
            """);
        var run = GeneratorRun.On(marked.Source);

        var found = await run.AnalyzeAsync();

        Assert.Empty(run.Complaints);
        Assert.All(found, static diagnostic => Assert.Equal("IDEM028", diagnostic.Id));
        Assert.Equal(marked.Spans, found.Select(Marked.Show));
    }

    [Theory]
    [InlineData("System.IO.Stream", "IDEM026")]
    [InlineData("object", "IDEM027")]
    public async Task A_result_that_has_to_change_needs_no_contract_yet(string result, string rule)
    {
        var run = GeneratorRun.On(
            "// <PublishAot>true</PublishAot>\n" + InClass($"[Idempotent] public partial Task<{result}> XAsync(int a); Task<{result}> XCoreAsync(int a) => throw new FormatException();"));

        Assert.Equal(rule, Assert.Single(await run.AnalyzeAsync()).Id);
    }

    // Two methods that are meant to be one operation, of which IDEM020 says that they are.
    [Theory]
    [InlineData("int a", "c: 1, a: a", true)]
    [InlineData("int a", "a + 1, 1", false)]
    [InlineData("int a", "1, a", false)]
    [InlineData("int b", "a, 1", false)]
    [InlineData("long a", "a, 1", false)]
    public async Task A_body_must_not_call_a_sibling_that_shares_its_key(string parameter, string arguments, bool isReported)
    {
        var run = GeneratorRun.On("#pragma warning disable IDEM020\n" + InClass($$"""
            [Idempotent(Name = "n")] public partial Task XAsync(int a); Task XCoreAsync(int a) => YAsync({{arguments}});
            [Idempotent(Name = "n", Version = 1)] public partial Task YAsync([IdempotencyKey] {{parameter}}, int c); Task YCoreAsync({{parameter}}, int c) => Task.CompletedTask;
            [Idempotent(Name = "other")] public partial Task ZAsync(int a); Task ZCoreAsync(int a) => YAsync(a, 1);
            """));

        Assert.Equal(isReported ? ["IDEM034"] : [], (await run.AnalyzeAsync()).Select(static found => found.Id));
    }

    [Theory]
    [InlineData("EnableTrimAnalyzer")]
    [InlineData("EnableAotAnalyzer")]
    public async Task An_application_that_is_analyzed_for_trimming_will_be_trimmed(string property)
    {
        var compilation = Compile.From(
            $"// <{property}>true</{property}>\n" + InClass("[Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a); static void Main() { }"));

        var found = await GeneratorRun.On(compilation.WithOptions(compilation.Options.WithOutputKind(OutputKind.ConsoleApplication))).AnalyzeAsync();

        Assert.Equal("IDEM028", Assert.Single(found).Id);
    }

    [Theory]
    [InlineData("#pragma warning disable IDEM028\n")]
    [InlineData("")]
    public async Task The_rule_about_contracts_can_be_silenced(string first)
    {
        var source = "// <PublishAot>true</PublishAot>\n" + first + InClass("[Idempotent] public partial Task<int> XAsync(int a); Task<int> XCoreAsync(int a) => Task.FromResult(a);");
        var compilation = Compile.From(source);
        var options = compilation.Options.WithSyntaxTreeOptionsProvider(new EditorConfig("IDEM028", ReportDiagnostic.Suppress));

        Assert.Empty(await GeneratorRun.On(first.Length > 0 ? compilation : compilation.WithOptions(options)).AnalyzeAsync());
    }

    [Fact]
    public async Task Without_the_runtime_nothing_is_looked_at()
    {
        var compilation = Compile.From(InClass("Task XAsync(int a) => XCoreAsync(a); Task XCoreAsync(int a) => XAsync(a);"));
        var without = compilation.WithReferences(compilation.References.Where(static reference => reference.Display?.EndsWith("Idempotency.Runtime.dll", StringComparison.Ordinal) == false));

        Assert.Empty(await GeneratorRun.On(without).AnalyzeAsync());
    }

    private static string InClass(string members) => $"public partial class C(IdempotencyGuard guard) {{ {members} }}";
}
