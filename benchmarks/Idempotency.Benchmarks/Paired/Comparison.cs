using System.Diagnostics;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Idempotency.Benchmarks.Paired;

/// <summary>
/// Measures the ways of one workload by turns, in one process, and compares them turn by turn: what disturbs the machine disturbs
/// them all, and the median of the turns' ratios is what is believed.
/// </summary>
internal sealed class Comparison
{
    /// <summary>Long enough for the compiler to have made the best of every way.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(4);

    private readonly Dictionary<string, Series> _ways;

    private Comparison(Dictionary<string, Series> ways) => _ways = ways;

    /// <param name="turns">How often each way is measured, after the warm-up.</param>
    /// <typeparam name="TWorkload">A class of benchmarks that each do their work many times.</typeparam>
    public static Comparison Of<TWorkload>(int turns)
        where TWorkload : new()
    {
        var workload = new TWorkload();
        var methods = typeof(TWorkload).GetMethods();
        ActionOf<GlobalSetupAttribute>(workload, methods)();
        var prepare = ActionOf<IterationSetupAttribute>(workload, methods);
        Series[] series =
        [
            .. from method in methods
               let benchmark = method.GetCustomAttribute<BenchmarkAttribute>()
               where benchmark is not null
               select new Series(method.Name, benchmark.OperationsPerInvoke, prepare, method.CreateDelegate<Action>(workload)),
        ];
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < s_warmUp;)
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
    public double NanosecondsOf(string way) => Median(_ways[way].Nanoseconds);

    /// <summary>What one operation allocated.</summary>
    public double BytesOf(string way) => _ways[way].Bytes;

    /// <summary>How many times as long one way takes as another: the median of the turns.</summary>
    public double Ratio(string way, string other) =>
        Median(_ways[way].Nanoseconds.Zip(_ways[other].Nanoseconds, static (one, two) => one / two));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static Action ActionOf<TAttribute>(object workload, MethodInfo[] methods)
        where TAttribute : Attribute =>
        methods.SingleOrDefault(static method => method.IsDefined(typeof(TAttribute)))?.CreateDelegate<Action>(workload) ?? (static () => { });

    private sealed class Series(string name, int operations, Action prepare, Action run)
    {
        public string Name => name;

        public List<double> Nanoseconds { get; } = [];

        public double Bytes { get; private set; }

        public void Measure()
        {
            prepare();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            var bytes = GC.GetTotalAllocatedBytes(precise: true);
            var started = Stopwatch.GetTimestamp();
            run();
            Nanoseconds.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / operations); // of a way that others help, of all together
            Bytes = (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / operations;
        }

        public void Forget() => Nanoseconds.Clear();
    }
}
