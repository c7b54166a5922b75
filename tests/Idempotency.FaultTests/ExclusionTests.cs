using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-02: whoever has a key is alone, however many open the store, take the key and close the store again, as fast as they can.</summary>
public sealed class ExclusionTests
{
    private const int Processes = 2, Callers = 2, Takes = 6_250, TakesOnServer = 400, TakesOfFlawed = 400;

    [RootTheory, MemberData(nameof(Names))]
    public async Task Owners_of_one_key_never_meet(string store)
    {
        foreach (var (taken, overlaps, expected) in await ContendAsync(store, StoreUnderTest.Named(store).Server is null ? Takes : TakesOnServer))
        {
            Assert.Equal((expected, 0), (taken, overlaps));
        }
    }

    [RootTheory, MemberData(nameof(Names))]
    public async Task A_store_that_does_not_exclude_is_found(string store) =>
        Assert.Contains(await ContendAsync(store, TakesOfFlawed, FlawedStore.BusyIsFree), static tally => tally.Overlaps > 0 || tally.Taken != tally.Expected);

    public static TheoryData<string> Names() => [.. StoreUnderTest.All.Select(static store => store.Name)];

    /// <summary>What was counted in each memory that is shared: by all processes, or by all callers of one.</summary>
    private static async Task<List<(long Taken, long Overlaps, long Expected)>> ContendAsync(string store, int takes, string flaw = "")
    {
        using var disk = Mount.Memory(kilobytes: 1 << 18); // the lock is what is tried here, and no disk should slow it down
        var isShared = StoreUnderTest.Named(store).Survives;
        var paths = Enumerable.Range(0, isShared ? 1 : Processes).Select(number => Path.Combine(disk.Path, $"tally-{number}")).ToList();
        var tallies = paths.ConvertAll(Tally.Open);
        await Task.WhenAll(Enumerable.Range(0, Processes).Select(number => Children.RunAsync(new Workload
        {
            Role = Role.Contender, Store = store, Directory = disk.Path, Journal = paths[number % paths.Count], Callers = Callers, Calls = takes, Flaw = flaw,
        })));
        var counted = tallies.ConvertAll(tally => (tally.Taken, tally.Overlaps, (long)takes * Callers * Processes / paths.Count));
        tallies.ForEach(static tally => tally.Dispose());
        return counted;
    }
}
