using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Idempotency.Soak;

/// <summary>The long runs: <c>dotnet run --project tests/Soak -- --minutes N --seed S</c>.</summary>
internal static class SoakCommand
{
    private const string Usage =
        """
        dotnet run -c Release --project tests/Soak -- [--minutes N] [--seed S] [--kills N] [--store NAME] [--policy Retry|Hold] [--report FILE]
          --minutes  how long, for all stores and policies together; 10 by default
          --seed     what chooses keys, points and moments; the date by default
          --kills    how many kills are enough, of each store under each policy; as many as there is time for by default
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var options = new Dictionary<string, string>();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || !args[i].StartsWith("--", StringComparison.Ordinal))
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }

            options[args[i]] = args[i + 1];
        }

        var minutes = double.Parse(options.GetValueOrDefault("--minutes", "10"), CultureInfo.InvariantCulture);
        var seed = int.Parse(options.GetValueOrDefault("--seed", $"{DateTime.UtcNow:yyyyMMdd}"), CultureInfo.InvariantCulture);
        var kills = int.Parse(options.GetValueOrDefault("--kills", $"{int.MaxValue}"), CultureInfo.InvariantCulture);
        var stores = options.TryGetValue("--store", out var name) ? [StoreUnderTest.Named(name)] : StoreUnderTest.All;
        OnCrash[] policies = options.TryGetValue("--policy", out var policy) ? [Enum.Parse<OnCrash>(policy)] : [OnCrash.Retry, OnCrash.Hold];
        var runs = (from store in stores from onCrash in policies select (store, onCrash)).ToList();

        var report = new StringBuilder("| store | policy | seed | kills | minutes | calls | effects | in doubt | double effects | lost outcomes | stuck keys | violations |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        var failed = false;
        foreach (var (store, onCrash) in runs)
        {
            var clock = Stopwatch.StartNew();
            using var end = new CancellationTokenSource(TimeSpan.FromMinutes(minutes / runs.Count));
            var run = new KillRun(store, onCrash, seed);
            await run.RunAsync(kills, end.Token);
            var judge = run.Judge;
            report.AppendLine(CultureInfo.InvariantCulture, $"| {store} | {onCrash} | {seed} | {run.Kills:N0} | {clock.Elapsed.TotalMinutes:0.0} | {judge.Calls:N0} | {judge.Effects:N0} | {judge.InDoubt:N0} | {judge.DoubleEffects} | {judge.LostOutcomes} | {judge.StuckKeys} | {judge.Violations.Count} |");
            Console.WriteLine(report.ToString().Split('\n')[^2]);
            foreach (var violation in judge.Violations)
            {
                failed = true;
                Console.Error.WriteLine(violation);
            }
        }

        if (options.TryGetValue("--report", out var path))
        {
            await File.WriteAllTextAsync(path, report.ToString());
        }

        Console.WriteLine(report);
        return failed ? 1 : 0;
    }
}
