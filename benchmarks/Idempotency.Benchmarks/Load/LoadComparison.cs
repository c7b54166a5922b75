using Idempotency.Benchmarks.Reporting;

namespace Idempotency.Benchmarks.Load;

/// <summary>
/// Measures several ways of calling by turns, for few and many callers in one and two processes, and compares them turn by turn: what disturbs
/// the machine disturbs them all, and the median of the turns' ratios is what is believed.
/// </summary>
internal sealed class LoadComparison(Section section, LoadProcesses processes) : IDisposable
{
    private const int Processes = 2;

    private readonly Dictionary<string, Func<int, Task<Rate>>> _others = [];
    private readonly Dictionary<(string Way, int Callers, int Processes), double> _measured = [];

    private int Rounds => section.IsFull ? 5 : 3;

    private Callers Callers => new(0, TimeSpan.FromSeconds(section.IsFull ? 0.3 : 0.1), TimeSpan.FromSeconds(section.IsFull ? 1 : 0.4));

    /// <param name="section">Where it is written.</param>
    /// <param name="kind">What is called, as <see cref="Targets"/> names it.</param>
    /// <param name="address">Where that is.</param>
    public static async Task<LoadComparison> StartAsync(Section section, string kind, string address) =>
        new(section, await LoadProcesses.StartAsync(kind, address, Processes));

    /// <summary>Adds a way that another program measures, for so many callers.</summary>
    public void Add(string way, Func<int, Task<Rate>> measure) => _others.Add(way, measure);

    /// <summary>Measures and tabulates, and draws calls a second by callers.</summary>
    /// <param name="title">What the drawing shows.</param>
    /// <param name="callers">How many callers there are in each process; the last of them also in two.</param>
    /// <param name="pairs">The lines of the table.</param>
    /// <param name="settle">What the server does before it is measured with so many more callers.</param>
    public async Task RunAsync(string title, int[] callers, Pair[] pairs, Func<Task>? settle = null)
    {
        string[] ways = [.. pairs.SelectMany(static pair => new[] { pair.Beside, pair.Way }).OfType<string>().Distinct()];
        await WarmUpAsync(ways.Except(_others.Keys));
        var table = section.Begin("callers", "what", "calls a second", "median", "p99", "beside", "its calls a second", "ratio", "goal");
        foreach (var (count, inProcesses) in callers.Select(static count => (count, 1)).Append((callers[^1], Processes)))
        {
            await (settle?.Invoke() ?? Task.CompletedTask);
            var turns = await TakeTurnsAsync(ways, count, inProcesses);
            foreach (var pair in pairs.Where(pair => turns.ContainsKey(pair.Way) && (pair.Beside is null || turns.ContainsKey(pair.Beside))))
            {
                Tell(table, inProcesses == 1 ? $"{count}" : $"{inProcesses} × {count}", pair, turns, inProcesses == 1 ? pair.Goal?.Invoke(count) : null);
            }

            foreach (var (way, rates) in turns)
            {
                _measured[(way, count, inProcesses)] = rates.Select(static rate => rate.PerSecond).Median();
            }
        }

        section.Show(new LinePlot(title, "callers", "calls a second")
        {
            Lines = ways.ToDictionary(static way => way, way => callers.Select(count => ((double)count, PerSecond(way, count))).ToArray()),
        });
    }

    /// <summary>The calls a second that were measured of a way with so many callers in each process.</summary>
    public double PerSecond(string way, int callers, int processes = 1) => _measured[(way, callers, processes)];

    public void Dispose() => processes.Dispose();

    /// <summary>Until the compilers of the processes have nothing left to do.</summary>
    private async Task WarmUpAsync(IEnumerable<string> ways)
    {
        foreach (var way in ways)
        {
            await processes.MeasureAsync(way, new Callers(16, TimeSpan.Zero, TimeSpan.FromSeconds(1)), Processes);
        }
    }

    private async Task<Dictionary<string, List<Rate>>> TakeTurnsAsync(string[] ways, int count, int inProcesses)
    {
        // Others measure in one process what they measure.
        var turns = ways.Where(way => inProcesses == 1 || !_others.ContainsKey(way)).ToDictionary(static way => way, static _ => new List<Rate>());
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < turns.Count; i++)
            {
                var (way, rates) = turns.ElementAt((i + round) % turns.Count); // each round begins with another one
                rates.Add(_others.TryGetValue(way, out var measure) ? await measure(count) : await processes.MeasureAsync(way, Callers with { Count = count }, inProcesses));
            }
        }

        return turns;
    }

    private static void Tell(Table table, string callers, Pair pair, Dictionary<string, List<Rate>> turns, double? goal)
    {
        var measured = Rate.Together(turns[pair.Way]).Latencies;
        var ratio = pair.Beside is null ? (double?)null : turns[pair.Way].Zip(turns[pair.Beside], static (one, other) => one.PerSecond / other.PerSecond).Median();
        table.Row(
            callers,
            pair.Way,
            Figures.Count(RateOf(pair.Way)),
            Figures.Nanoseconds(measured.Percentile(0.5)),
            Figures.Nanoseconds(measured.Percentile(0.99)),
            pair.Beside ?? "",
            pair.Beside is null ? "" : Figures.Count(RateOf(pair.Beside)),
            Figures.Ratio(ratio),
            goal is null ? "" : Figures.Goal($"≥ {Figures.Ratio(goal)}", ratio >= goal));

        double RateOf(string way) => turns[way].Select(static rate => rate.PerSecond).Median();
    }
}
