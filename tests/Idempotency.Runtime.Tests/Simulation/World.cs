
namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>
/// One seed's universe: a clock that is also the queue of everything to come, a store, and the processes that share it. All of it
/// runs on one thread, and every run of a seed is the same.
/// </summary>
internal sealed class World : IDisposable
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly FakeTimeProvider _time = new();
    private readonly PanickingLog? _log;
    private readonly StoreSite _site;
    private int _processes;
    private int _calls;

    public World(int seed, SimulatedSystem system, bool isTraced)
    {
        Subject = system;
        Seed = seed;
        Random = new Random(seed);
        Trace = new Trace(_time, isTraced);
        Weather = Weather.Draw(Random);
        KeepsObjects = Random.Chance(0.5) && !system.LeaseIsLife;
        Policies = [.. Enumerable.Range('a', Random.Pick(1, 1, 2)).Select(name => Policy.Draw($"{(char)name}", Random))];
        Options = DrawOptions();
        _log = Random.Chance(0.1) ? new PanickingLog(this) : null;
        Ledger = new Ledger(this);
        Verdicts = new Verdicts(this);
        _site = system.MakeSite(_time);
        Store = new SharedStore(this, _site);
    }

    public int Seed { get; }

    public SimulatedSystem Subject { get; }

    public Random Random { get; }

    public Trace Trace { get; }

    public Weather Weather { get; }

    public bool KeepsObjects { get; }

    public IReadOnlyList<Policy> Policies { get; }

    public IdempotencyOptions Options { get; }

    public Ledger Ledger { get; }

    public Verdicts Verdicts { get; }

    public SharedStore Store { get; }

    public TimeSpan Now => _time.Elapsed;

    /// <summary>Whether nothing more is going to happen.</summary>
    public bool IsAtRest => _time.ActiveTimers == _site.Timers;

    /// <summary>From here on nothing bad happens any more.</summary>
    public bool IsHealed { get; set; }

    /// <summary>The first promise that was broken, as a sentence.</summary>
    public string? Violation { get; private set; }

    public void After(TimeSpan time, Action what) =>
        _time.CreateTimer(static action => ((Action)action!)(), what, time, Timeout.InfiniteTimeSpan);

    /// <summary>Lets everything happen that is due until then, one event at a time, or until a promise is broken.</summary>
    public void Pass(TimeSpan time, Func<bool> isEnough, Action? beforeEach = null)
    {
        var isOver = false;
        using var end = _time.CreateTimer(_ => isOver = true, null, time, Timeout.InfiniteTimeSpan);
        while (!isOver && Violation is null && !isEnough())
        {
            beforeEach?.Invoke();
            _time.AdvanceToNextTimer();
        }
    }

    public SimulatedProcess StartProcess()
    {
        var process = new SimulatedProcess(this, $"p{++_processes}", _time);
        var store = Subject.MakeClient(new SimulatedStore(this, process));
        process.Guard = IdempotencyGuard.Create(store, Options, process.Clock, _log);
        return process;
    }

    public void Dispose() => _site.Dispose();

    public int NextCallNumber() => ++_calls;

    public void Require(bool holds, string invariant)
    {
        if (!holds && Violation is null)
        {
            Violation = invariant;
            Trace.Add($"VIOLATED: {invariant}");
        }
    }

    public void StayOnThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Require(false, $"The guard went to another thread: {Environment.StackTrace}");
        }
    }

    private IdempotencyOptions DrawOptions()
    {
        var options = new IdempotencyOptions
        {
            DefaultLease = Scale.Lease,
            StoreTimeout = Scale.StoreTimeout,
            ClaimTimeout = Scale.ClaimTimeout,
            BackgroundCompletion = Random.Pick(TimeSpan.Zero, Scale.BackgroundCompletion),
            ExecutionLimit = !Weather.IsCalm && Random.Chance(Subject.HangingBodies) ? 2 * Scale.Lease : Scale.LongestExecution,
            OnLeaseLost = Random.Pick(OnLeaseLost.Throw, OnLeaseLost.ReturnStored),
            MaxWaitersPerKey = Random.Pick(1, 1000),
        };
        options.JsonTypeInfoResolvers.Add(SimulatedJson.Default);
        if (Random.Chance(0.5))
        {
            options.Failures.Replay(static _ => new DeclinedException());
        }

        return options;
    }
}
