namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What a seed lets happen in its world: callers, misfortunes, then the healing, the rest, and a look at what is left.</summary>
internal sealed class Scenario(World world)
{
    private readonly List<SimulatedProcess> _processes = [];
    private readonly List<SimulatedCall> _calls = [];
    private readonly PriorityQueue<Action, int> _misfortunes = new();
    private readonly SimulatedOperator _operator = new(world, world.StartProcess());
    private int _events;

    private Random Random => world.Random;

    public void Run()
    {
        Plan();
        world.Pass(Scale.Healing, static () => false, MeetMisfortune);
        Heal();
        world.Pass(Scale.Patience, () => Living.All(call => call.HasEnded));
        world.Require(Living.All(call => call.HasEnded), "A call never ends.");
        world.Pass(Scale.Settling, static () => false);
        world.Require(world.IsAtRest, "A guard with nothing to do does not rest.");
        world.Policies.ToList().ForEach(Probe);
    }

    private IEnumerable<SimulatedCall> Living => _calls.Where(call => !call.Process.IsCrashed);

    private void Plan()
    {
        world.Trace.Add($"{world.Weather}");
        var processes = 1 + Random.Next(3);
        for (var i = 0; i < processes; i++)
        {
            _processes.Add(world.StartProcess());
        }

        var callers = 2 + Random.Next(4);
        for (var i = 0; i < callers; i++)
        {
            var slot = Random.Next(processes);
            world.After(Random.UpTo(Random.Pick(Scale.FastMessage, 4 * Scale.Lease)), () => _ = CallSeveralTimesAsync(Running(slot)));
        }

        for (var i = Random.Next(3); i > 0; i--)
        {
            world.After(Random.UpTo(Scale.Healing), () => _operator.Purge(1 + Random.Next(3)));
            world.After(Random.UpTo(Scale.Healing), () => _ = _operator.ResolveAsync());
        }

        Expect(Random.Next(3), CancelSomeCall);
        Expect(world.Weather.Crashes, () => AnyProcess.Crash());
        Expect(world.Weather.Pauses, () => AnyProcess.Pause(Random.UpTo(3 * Scale.Lease)));
        Expect(world.Weather.Cuts, () => AnyProcess.Cut(Random.UpTo(4 * Scale.Lease)));
    }

    private SimulatedProcess AnyProcess => _processes[Random.Next(_processes.Count)];

    /// <summary>Lets something happen between any two events: by their number, since they are not spread evenly in time.</summary>
    private void Expect(int times, Action what)
    {
        for (; times > 0; times--)
        {
            _misfortunes.Enqueue(what, Random.Next(Random.Pick(20, 150)));
        }
    }

    private void CancelSomeCall()
    {
        var running = _calls.FindAll(call => !call.HasEnded);
        if (running.Count > 0)
        {
            var call = running[Random.Next(running.Count)];
            call.Process.Deliver(call.Cancel);
        }
    }

    private void MeetMisfortune()
    {
        _events++;
        while (_misfortunes.TryPeek(out _, out var at) && at <= _events)
        {
            _misfortunes.Dequeue()();
        }
    }

    /// <summary>The process in this slot, or its successor if it has crashed.</summary>
    private SimulatedProcess Running(int slot) =>
        _processes[slot].IsCrashed ? _processes[slot] = world.StartProcess() : _processes[slot];

    private async Task CallSeveralTimesAsync(SimulatedProcess process)
    {
        var policy = Random.Pick([.. world.Policies]);
        for (var i = Random.Next(3); i >= 0; i--)
        {
            await CallAsync(process, policy);
            await Task.Delay(Random.UpTo(Random.Pick(Scale.FastMessage, Scale.Lease, 5 * Scale.Lease)), process.Clock);
        }
    }

    private async Task CallAsync(SimulatedProcess process, Policy policy)
    {
        var onDuplicate = Random.Pick(OnDuplicate.Return, OnDuplicate.Wait, OnDuplicate.Wait, OnDuplicate.Throw);
        var call = new SimulatedCall(world, process, policy, onDuplicate, variant: Random.Chance(0.1) ? 1 : 0);
        _calls.Add(call);
        if (Random.Chance(0.15))
        {
            world.After(Random.UpTo(Random.Pick(Scale.FastMessage, Scale.Lease)), () => process.Deliver(call.Cancel));
        }

        await call.RunAsync(Random.Between(Scale.Lease / 3, Scale.LongestWait));
    }

    private void Heal()
    {
        world.Trace.Add($"all is well from here");
        world.IsHealed = true;
        foreach (var process in _processes)
        {
            process.Reconnect();
            process.Resume();
        }
    }

    /// <summary>Asks as a new caller would: nothing may block it for ever, and only a person may have to decide.</summary>
    private void Probe(Policy policy)
    {
        var first = Ask(policy);
        if (first.Failure is OperationInProgressException && world.Subject.LeaseIsLife && world.Ledger.Of(policy.Operation).Open is { Run: null } orphan)
        {
            // A claim whose answer was lost, and its abandonment for as long as that is tried: it ends with its process.
            orphan.Owner.Crash();
            first = Ask(policy);
        }

        world.Require(first.Failure is not OperationInProgressException, "A key is busy for ever.");
        if (first.Failure is not OperationInDoubtException || !_operator.Knows(policy))
        {
            return;
        }

        var resolving = _operator.ResolveAsync();
        world.Pass(Scale.Lease, () => resolving.IsCompleted);
        world.Require(Ask(policy).Failure is not OperationInDoubtException, "A key that the operator resolved is still in doubt.");
    }

    private SimulatedCall Ask(Policy policy)
    {
        var call = new SimulatedCall(world, world.StartProcess(), policy, OnDuplicate.Return, variant: 0);
        _ = call.RunAsync(Scale.LongestWait);
        world.Pass(Scale.Lease, () => call.HasEnded);
        world.Require(call.HasEnded, "A call never ends.");
        return call;
    }
}
