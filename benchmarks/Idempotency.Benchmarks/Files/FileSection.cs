using Idempotency.Benchmarks.Load;
using Idempotency.Benchmarks.Reporting;
using Idempotency.Benchmarks.Stores;

namespace Idempotency.Benchmarks.Files;

/// <summary>The file store beside what the same disk takes, with one and many callers, and with a million keys.</summary>
internal static class FileSection
{
    public static async Task RunAsync(Section section)
    {
        var root = FileCalls.CreateFolder();
        try
        {
            section.Say(
                $"On {new DriveInfo(root).DriveFormat}. A fresh call is a claim and its completion with 100 bytes: with `PowerLoss` each waits until the disk has it, with `ProcessCrash` "
                + "until the kernel has it. A duplicate is answered from memory.");
            Directory.CreateDirectory(Path.Combine(root, "calls"));
            using (var comparison = await LoadComparison.StartAsync(section, "files", Path.Combine(root, "calls")))
            {
                await CompareAsync(section, comparison);
            }

            var table = section.Begin("what", "measured", "goal");
            ManyKeys.Tell(table, Path.Combine(root, "keys"));
            table.End();
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task CompareAsync(Section section, LoadComparison comparison)
    {
        const string Durable = FileCalls.PowerLoss + Calls.Fresh;
        const string Fast = FileCalls.ProcessCrash + Calls.Fresh;
        int[] callers = section.IsFull ? [1, 8, 16, 64, 256] : [1, 8, 64];
        await comparison.RunAsync(
            "Files",
            callers,
            [
                new(Durable, FileCalls.TwoSyncs, static callers => callers == 1 ? 0.8 : null),
                new(Fast, Durable),
                new(FileCalls.PowerLoss + Calls.Duplicate),
                new(FileCalls.PowerLoss + Calls.GuardedFresh, Durable),
                new(FileCalls.PowerLoss + Calls.GuardedDuplicate, FileCalls.PowerLoss + Calls.Duplicate),
            ]);
        var table = section.Begin("what", "beside", "ratio", "goal");
        var (many, two) = (comparison.PerSecond(Durable, 64) / comparison.PerSecond(Durable, 1), comparison.PerSecond(Durable, callers[^1], processes: 2) / comparison.PerSecond(Durable, callers[^1]));
        table.Row("`PowerLoss`, 64 callers", "one caller", Figures.Ratio(many), Figures.Goal("≥ 12", many >= 12));
        table.Row($"`PowerLoss`, two processes with {callers[^1]} callers each", "one such process", Figures.Ratio(two), Figures.Goal("≥ 1.15", two >= 1.15));
        table.End();
    }
}
