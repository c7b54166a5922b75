using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>Real files in a directory that every process opens for itself, and whose store in it ends as the process ends.</summary>
/// <remarks>
/// Nothing but the one thread of a seed ever uses the directory, so that no lock is ever waited for, and every step is done and
/// answered on that thread: what happens is the same every time, but for random names of which nothing depends.
/// </remarks>
internal sealed class SharedDirectory(Flaws flaws) : StoreSite
{
    /// <summary>Small, so that new files are begun and old ones given back within a seed.</summary>
    private const int Segment = 1 << 12;

    private readonly string _root = FastFolder.Create();
    private readonly Dictionary<SimulatedProcess, FileStore> _stores = [];
    private readonly FlawedView _view = new(flaws);

    /// <summary>Every open store looks after its log now and then.</summary>
    public override int Timers => _stores.Count;

    public override IIdempotencyStore Of(SimulatedProcess process)
    {
        if (!_stores.TryGetValue(process, out var store))
        {
            ObjectDisposedException.ThrowIf(process.IsCrashed, this);
            var options = new FileStoreOptions { Durability = FileDurability.ProcessCrash, LeastSegment = Segment };
            _stores.Add(process, store = new FileStore(Path.Combine(_root, "store"), options, process.Clock));
        }

        return flaws == Flaws.None ? store : _view.Of(store, process.Clock);
    }

    public override void Crash(SimulatedProcess process)
    {
        if (!flaws.HasFlag(Flaws.LeaseNeverEnds) && _stores.Remove(process, out var store))
        {
            store.Crash();
        }
    }

    public override void Dispose()
    {
        foreach (var store in _stores.Values)
        {
            store.Crash(); // closing would keep the claims of bodies that will never end
        }

        Directory.Delete(_root, recursive: true);
    }
}
