using System.Diagnostics;
using Idempotency.Soak;

namespace Idempotency.FaultTests;

/// <summary>
/// Processes that own a key each and have come to rest: before, in and after the body, and before its outcome is stored. They
/// stopped themselves, or are frozen from outside.
/// </summary>
internal sealed class RestingOwners : IDisposable
{
    /// <summary>Where they rest; the key of each is its place here.</summary>
    private static readonly string[] s_points = ["claim+", "body", "effect+", "complete-"];

    private readonly Freezer? _freezer;
    private readonly List<Process> _processes;

    private RestingOwners(Freezer? freezer, List<Workload> works)
    {
        _freezer = freezer;
        Works = works;
        _processes = works.ConvertAll(work => Children.Start(work, freezer?.Enter ?? []));
    }

    public static int Count => s_points.Length;

    public List<Workload> Works { get; }

    public static async Task<RestingOwners> StartAsync(Scene scene, Freezer? freezer, string flaw = "")
    {
        var owners = new RestingOwners(freezer, [.. s_points.Select((point, key) => scene.NewWork(flaw) with
        {
            FirstKey = key, Calls = 1, FaultAt = point, FaultAfter = 1, Fate = freezer is null ? Fate.Stops : Fate.Pauses, IsQuiet = true,
            Lease = flaw == FlawedStore.LeaseLapses ? null : scene.Lease, // one that lapses at once needs no short one, which would hurry the owner's guard too
            Callers = scene.Store.Survives ? 1 : 2, // where nobody else sees the key, somebody in the same process wants it
        })]);
        if (freezer is null)
        {
            await Task.WhenAll(owners._processes.Select(static process => Signals.UntilStoppedAsync(process.Id)));
        }
        else
        {
            await Task.WhenAll(owners._processes.Select(Children.UntilPausedAsync));
            await freezer.FreezeAsync();
        }

        return owners;
    }

    public async Task GoOnAsync()
    {
        if (_freezer is null)
        {
            _processes.ForEach(static process => Signals.SendContinue(process.Id));
        }
        else
        {
            await _freezer.ThawAsync();
            _processes.ForEach(static process => process.StandardInput.WriteLine());
        }

        await EndAsync();
    }

    public async Task DieAsync()
    {
        _processes.ForEach(static process => Signals.SendKill(process.Id));
        await EndAsync();
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true); // does nothing to one that has ended
            process.Dispose();
        }
    }

    private async Task EndAsync() => await Task.WhenAll(_processes.Zip(Works, Children.EndAsync));
}
