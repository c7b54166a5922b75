using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Memory;
using Idempotency.Benchmarks.Reporting;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture; // reports are the same everywhere; a thread's own would go along with every flow
switch (args)
{
    case ["check"]:
        return MainRatios.Check() ? 0 : 1;
    case ["micro", .. var others]:
        return RunBenchmarkDotNet(others);
    case ["report", .. var options]:
        return await Report.RunAsync([.. options.Where(static option => option != "--full")], options.Contains("--full"));
    case ["section", var name, .. var options] when Sections.All.TryGetValue(name, out var run):
        await run(new Section(name, options.SkipWhile(static option => option != "--plots").ElementAtOrDefault(1), options.Contains("--full")));
        return 0;
    case ["load", var kind, var address]: // this program has started itself
        await Targets.ServeAsync(kind, address);
        return 0;
    default:
        Console.Error.WriteLine($"""
            report [PART OF A NAME…] [--full]    measures sections and writes docs/benchmarks.md, as ./bench.sh does
            section NAME [--full] [--plots DIR]  measures one and only prints it: {string.Join(", ", Sections.All.Keys)}
            check                                the four main ratios; fails when one is beyond twice its goal
            micro [OPTIONS]                      the workloads in memory under BenchmarkDotNet, with its options
            """);
        return 2;
}

// In this process, so that a guarded call and its baseline share one machine state and their ratio means something.
static int RunBenchmarkDotNet(string[] options)
{
    var config = DefaultConfig.Instance
        .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(15))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .HideColumns(Column.Job, Column.Toolchain, Column.IterationCount, Column.WarmupCount, Column.InvocationCount, Column.UnrollFactor);
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(options.Length == 0 ? ["--filter", "*"] : options, config);
    return 0;
}
