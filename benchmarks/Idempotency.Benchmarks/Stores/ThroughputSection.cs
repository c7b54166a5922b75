using Idempotency.Benchmarks.Files;
using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Memory;
using Idempotency.Benchmarks.Reporting;
using Idempotency.TestServers;
using Npgsql;

namespace Idempotency.Benchmarks.Stores;

/// <summary>One line for each store, beside its bare client and beside what Python's users know.</summary>
internal static class ThroughputSection
{
    private const int OnRedis = 50, OnPostgreSql = 8, OnFiles = 64;

    private static readonly Callers s_callers = new(0, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1));

    public static async Task RunAsync(Section section)
    {
        section.Say(
            "Guarded calls a second of one process, everything on one machine. \"Known\" is what users of Python go by: figures that are quoted, "
            + "without a source, and what was measured before on a machine like this: a `set` of ids, a decorator that guards a function, and the programs `redis-benchmark` and `pgbench`. "
            + "These were not measured in this run.");
        var table = section.Begin("store", "first calls", "duplicates", "bare, in this run", "known", "what limits the guarded ones");
        TellMemory(table);
        await TellFilesAsync(table);
        await TellRedisAsync(table);
        await TellPostgreSqlAsync(table);
        table.End();
    }

    private static void TellMemory(Table table)
    {
        var (duplicates, firsts) = (Comparison.Of<DuplicateCalls>(turns: 7), Comparison.Of<FirstCalls>(turns: 5));
        table.Row(
            "memory, one thread",
            PerSecond(firsts, nameof(FirstCalls.Guarded)),
            PerSecond(duplicates, nameof(DuplicateCalls.Guarded)),
            $"a `ConcurrentDictionary` of the same bytes: {PerSecond(firsts, nameof(FirstCalls.BytesAddedToDictionary))} and {PerSecond(duplicates, nameof(DuplicateCalls.BytesInDictionary))}",
            "quoted: 2,000,000; a `set`: 3,400,000 and 4,700,000; a decorator: 71,000 and 209,000",
            "memory: a duplicate waits for caches, a first call for the collector");

        static string PerSecond(Comparison comparison, string way) => Figures.Count(1e9 / comparison.NanosecondsOf(way));
    }

    private static async Task TellFilesAsync(Table table)
    {
        var root = FileCalls.CreateFolder();
        try
        {
            using var processes = await LoadProcesses.StartAsync("files", root, 1);
            var syncs = await processes.MeasureAsync(FileCalls.TwoSyncs, s_callers with { Count = 1 }, 1);
            foreach (var (callers, durability) in new[] { (1, FileCalls.PowerLoss), (OnFiles, FileCalls.PowerLoss), (1, FileCalls.ProcessCrash), (OnFiles, FileCalls.ProcessCrash) })
            {
                await TellAsync(
                    table, processes, $"files, {durability.TrimEnd(' ', ':')}", callers, durability,
                    durability == FileCalls.PowerLoss ? $"two writes with `fdatasync`, one after the other: {Figures.Count(syncs.PerSecond)}" : "",
                    "a decorator, nothing synced: 3,100 and 30,000",
                    durability == FileCalls.PowerLoss ? "the disk, shared by all who wait for it" : "one lock of the file for each batch, and the writing of it");
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task TellRedisAsync(Table table)
    {
        using var server = await RedisServer.StartAsync();
        using var processes = await LoadProcesses.StartAsync("redis", server.Address, 1);
        var (bare, program) = (await processes.MeasureAsync(RedisCalls.SetIfNone, s_callers with { Count = OnRedis }, 1), RedisBenchmark.SetIfNone(server.Port, OnRedis));
        await TellAsync(
            table, processes, "Redis", OnRedis, "",
            $"`SET NX EX` by the same client: {Figures.Count(bare.PerSecond)}; by `redis-benchmark`: {Figures.Count(program)}",
            "quoted: 100,000; `SET NX` by `redis-benchmark`: 77,000; a decorator: 1,700 to 5,000 and 8,900 to 25,000",
            "the server's one thread, which runs a script for each claim and each completion");
    }

    private static async Task TellPostgreSqlAsync(Table table)
    {
        using var server = await PostgreSqlSection.StartAsync();
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await PostgreSqlSection.ExecuteAsync(source, "CREATE TABLE ids (id bytea NOT NULL UNIQUE)");
        using var pgbench = new Pgbench(server.Port, seconds: 2);
        using var processes = await LoadProcesses.StartAsync("postgresql", server.ConnectionString, 1);
        var insertions = await pgbench.InsertAsync(OnPostgreSql);
        await TellAsync(
            table, processes, "PostgreSQL", OnPostgreSql, "",
            $"one insertion into a table of unique ids by `pgbench`: {Figures.Count(insertions.PerSecond)}",
            "quoted: 15,000; one insertion by `pgbench`: 12,600",
            "two commits that wait for the disk, where an insertion is one");
    }

    private static async Task TellAsync(Table table, LoadProcesses processes, string store, int callers, string prefix, string bare, string known, string limit)
    {
        var of = s_callers with { Count = callers };
        var firsts = await processes.MeasureAsync(prefix + Calls.GuardedFresh, of, 1);
        var duplicates = await processes.MeasureAsync(prefix + Calls.GuardedDuplicate, of, 1);
        table.Row(
            $"{store}, {(callers == 1 ? "one caller" : $"{callers} callers")}", Figures.Count(firsts.PerSecond), Figures.Count(duplicates.PerSecond), bare, known, limit);
    }
}
