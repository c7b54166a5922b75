using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace Idempotency.Generator.Tests;

/// <summary>Rules about methods that do get a guard. Each points at the token to change and can be silenced; its page has the plain good example.</summary>
public sealed class AdviceTests
{
    private const string Core = " Task XCoreAsync(int a) => Task.CompletedTask;";

    public static TheoryData<string, string> Reported => new()
    {
        { "IDEM020", "[Idempotent(Name = \"n\")] public partial Task XAsync(int a); [Idempotent(Name = «\"n\"», Version = 1)] public partial Task YAsync(string b); Task YCoreAsync(string b) => Task.CompletedTask;" + Core },
        { "IDEM021", "[Idempotent(Ttl = «\"29s\"»)] public partial Task XAsync(int a);" + Core },
        { "IDEM021", "[Idempotent(Ttl = «\"1h\"», Lease = \"2h\")] public partial Task XAsync(int a);" + Core },
        { "IDEM021", "[Idempotent(Lease = «\"2d\"»)] public partial Task XAsync(int a);" + Core },
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
    };

    public static TheoryData<string> Silent =>
    [
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

    private static string InClass(string members) => $"public partial class C(IdempotencyGuard guard) {{ {members} }}";
}
