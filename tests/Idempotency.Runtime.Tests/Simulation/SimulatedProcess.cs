namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>
/// A process: everything in it runs only while it does. What reaches it while it is paused waits for it; what reaches it after it
/// has crashed never happens.
/// </summary>
internal sealed class SimulatedProcess
{
    private readonly World _world;
    private readonly List<Action> _backlog = [];

    public SimulatedProcess(World world, string name, TimeProvider time)
    {
        _world = world;
        Name = name;
        Clock = new ProcessClock(time, this);
    }

    public string Name { get; }

    public TimeProvider Clock { get; }

    public IdempotencyGuard Guard { get; set; } = null!;

    public bool IsCrashed { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>Cut off from the store: no message leaves and none arrives.</summary>
    public bool IsCut { get; private set; }

    public void Deliver(Action what)
    {
        _world.StayOnThread();
        if (IsCrashed)
        {
            return;
        }

        if (IsPaused)
        {
            _backlog.Add(what);
        }
        else
        {
            what();
        }
    }

    public void Crash()
    {
        _world.Trace.Add($"{Name} crashes");
        IsCrashed = true;
        _backlog.Clear();
        _world.Store.Crash(this);
    }

    public void Pause(TimeSpan time)
    {
        _world.Trace.Add($"{Name} pauses for {time}");
        IsPaused = true;
        _world.After(time, Resume);
    }

    public void Cut(TimeSpan time)
    {
        _world.Trace.Add($"{Name} is cut off for {time}");
        IsCut = true;
        _world.After(time, Reconnect);
    }

    public void Reconnect() => IsCut = false;

    /// <summary>Everything that was due meanwhile happens now, in no particular order.</summary>
    public void Resume()
    {
        if (!IsPaused)
        {
            return;
        }

        _world.Trace.Add($"{Name} goes on");
        IsPaused = false;
        foreach (var what in _backlog)
        {
            _world.After(_world.Random.UpTo(Scale.FastMessage), () => Deliver(what));
        }

        _backlog.Clear();
    }
}
