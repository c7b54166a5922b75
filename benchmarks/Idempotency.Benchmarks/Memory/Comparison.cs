using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using Idempotency.Benchmarks.Reporting;

namespace Idempotency.Benchmarks.Memory;

/// <summary>
/// Measures several ways of doing the same by turns, in one process, and compares them turn by turn: what disturbs the machine disturbs
/// them all, and the median of the turns' ratios is what is believed.
/// </summary>
internal sealed class Comparison
{
    private readonly Dictionary<string, Series> _ways;

    private Comparison(Dictionary<string, Series> ways) => _ways = ways;

    /// <summary>Compares the benchmarks of a class, whose methods each do their work many times.</summary>
    /// <param name="turns">How often each way is measured, after the warm-up.</param>
    /// <param name="warmUp">How long that is; by default long enough for the compiler to have made the best of every way.</param>
    public static Comparison Of<TWorkload>(int turns, TimeSpan? warmUp = null)
        where TWorkload : new()
    {
        var workload = new TWorkload();
        var methods = typeof(TWorkload).GetMethods();
        ActionOf<GlobalSetupAttribute>(workload, methods)();
        var prepare = ActionOf<IterationSetupAttribute>(workload, methods);
        return Of(
            turns,
            warmUp ?? TimeSpan.FromSeconds(4),
            [
                .. from method in methods
                   let benchmark = method.GetCustomAttribute<BenchmarkAttribute>()
                   where benchmark is not null
                   select new Way(method.Name, benchmark.OperationsPerInvoke, method.CreateDelegate<Action>(workload), prepare),
            ]);
    }

    public static Comparison Of(int turns, TimeSpan warmUp, params Way[] ways)
    {
        var series = Array.ConvertAll(ways, static way => new Series(way));
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < warmUp;)
        {
            Array.ForEach(series, static way => way.Measure());
        }

        Array.ForEach(series, static way => way.Forget());
        for (var turn = 0; turn < turns; turn++)
        {
            for (var i = 0; i < series.Length; i++)
            {
                series[(i + turn) % series.Length].Measure(); // each turn begins with another one
            }
        }

        return new Comparison(series.ToDictionary(static way => way.Name));
    }

    /// <summary>The ways, in the order the workload has them.</summary>
    public IEnumerable<string> Ways => _ways.Keys;

    /// <summary>The median time of one operation.</summary>
    public double NanosecondsOf(string way) => _ways[way].Nanoseconds.Median();

    /// <summary>What one operation allocated in the last turn.</summary>
    public double BytesOf(string way) => _ways[way].Bytes;

    /// <summary>How much of the time of one operation the collector stopped the process: the median.</summary>
    public double PauseOf(string way) => _ways[way].Pauses.Median();

    /// <summary>How many times as long one way takes as another: the median of the turns.</summary>
    public double Ratio(string way, string other) =>
        _ways[way].Nanoseconds.Zip(_ways[other].Nanoseconds, static (one, two) => one / two).Median();

    private static Action ActionOf<TAttribute>(object workload, MethodInfo[] methods)
        where TAttribute : Attribute =>
        methods.SingleOrDefault(static method => method.IsDefined(typeof(TAttribute)))?.CreateDelegate<Action>(workload) ?? (static () => { });

    /// <param name="Name">What it is called.</param>
    /// <param name="Operations">How many times it does its work each time it runs.</param>
    /// <param name="Run">Does it.</param>
    /// <param name="Prepare">What is not measured before each run, if anything.</param>
    internal sealed record Way(string Name, int Operations, Action Run, Action? Prepare = null);

    private sealed class Series(Way way)
    {
        public string Name => way.Name;

        public List<double> Nanoseconds { get; } = [];

        public List<double> Pauses { get; } = [];

        public double Bytes { get; private set; }

        public void Measure()
        {
            way.Prepare?.Invoke();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            var bytes = GC.GetTotalAllocatedBytes(precise: true);
            var paused = GC.GetTotalPauseDuration();
            var started = Stopwatch.GetTimestamp();
            way.Run();
            Nanoseconds.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / way.Operations); // of a way that others help, of all together
            Pauses.Add((GC.GetTotalPauseDuration() - paused).TotalNanoseconds / way.Operations);
            Bytes = (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / way.Operations;
        }

        public void Forget()
        {
            Nanoseconds.Clear();
            Pauses.Clear();
        }
    }
}
