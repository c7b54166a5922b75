using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Idempotency.Benchmarks.Paired;
using Idempotency.Benchmarks.Workloads;

if (args is ["check"])
{
    return MainRatios.Check() ? 0 : 1;
}

if (args is ["paired"])
{
    Table.Print<DuplicateCalls>(turns: 25);
    Table.Print<FirstCalls>(turns: 15);
    Table.Print<Steps>(turns: 25);
    Table.Print<StoredBytes>(turns: 25);
    Table.Print<ObservedCalls>(turns: 25);
    Table.Print<AsynchronousCalls>(turns: 15);
    Table.Print<ExpiringCalls>(turns: 9);
    Table.Print<TwoThreads>(turns: 9);
    RetainedKeys.Print();
    Renewals.Print();
    return 0;
}

// In this process, so that a guarded call and its baseline share one machine state and their ratio means something.
var config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(15))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .HideColumns(Column.Job, Column.Toolchain, Column.IterationCount, Column.WarmupCount, Column.InvocationCount, Column.UnrollFactor);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
return 0;
