using Idempotency.Storage;

namespace Idempotency.FaultTests.InProcess;

/// <summary>A store that the scenarios within one process are run with. To add one, add a line to <see cref="All"/>.</summary>
/// <param name="Name">How tests name it.</param>
/// <param name="Open">Opens it on a test's clock; what several processes are to share is in the directory.</param>
/// <param name="CountOf">How many records it has.</param>
/// <param name="IsShared">Whether each process opens it for itself; otherwise all are given the same.</param>
internal sealed record StoreInProcess(string Name, Func<string, TimeProvider, IIdempotencyStore> Open, Func<IIdempotencyStore, int> CountOf, bool IsShared)
{
    public static IReadOnlyList<StoreInProcess> All { get; } =
    [
        new("memory", static (_, time) => new MemoryStore(timeProvider: time), static store => ((MemoryStore)store).Count, IsShared: false),
        new("file", OpenFile, static store => ((FileStore)store).Count, IsShared: true),
    ];

    public static IEnumerable<string> Names => All.Select(static store => store.Name);

    public static StoreInProcess Named(string name) => All.Single(store => store.Name == name);

    private static FileStore OpenFile(string directory, TimeProvider time) =>
        new(Path.Combine(directory, "store"), new FileStoreOptions { Durability = FileDurability.ProcessCrash, LeastSegment = 1 << 16 }, time);
}
