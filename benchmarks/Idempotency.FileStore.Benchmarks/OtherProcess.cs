using System.Diagnostics;
using System.Globalization;

namespace Idempotency.FileStoreBenchmarks;

/// <summary>This program once more, as another process that calls.</summary>
internal static class OtherProcess
{
    public static async Task<double> RateAsync(string directory, string name, int callers)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["caller", directory, name, callers.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var rate = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(rate, CultureInfo.InvariantCulture);
    }

    public static async Task<int> RunAsync(string[] args)
    {
        using var store = Calls.Open(args[1], FileDurability.PowerLoss);
        var callers = int.Parse(args[3], CultureInfo.InvariantCulture);
        for (var warm = 0; warm < 4; warm++) // until the compiler has nothing left to do
        {
            await ManyCallers.RateAsync(store, $"{args[2]}/{warm}", callers);
        }

        var rate = await ManyCallers.RateAsync(store, args[2], callers);
        Console.Write(rate.ToString(CultureInfo.InvariantCulture));
        return 0;
    }
}
