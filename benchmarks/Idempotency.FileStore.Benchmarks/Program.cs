using System.Globalization;
using Idempotency.FileStoreBenchmarks;

if (args is ["caller", ..])
{
    return await OtherProcess.RunAsync(args);
}

// Where the disk is: the system's temporary directory may be in memory, which has nothing to sync.
var root = Directory.CreateDirectory(Path.Combine(args.Length > 0 ? args[0] : Environment.CurrentDirectory, $"file-store-benchmark-{Environment.ProcessId}")).FullName;
try
{
    Console.WriteLine("A call is a claim and its completion with 100 bytes of outcome. Times are medians of interleaved rounds.");
    Console.WriteLine();
    Console.WriteLine("| what | measured | beside | ratio | goal |");
    Console.WriteLine("|---|---|---|---|---|");
    foreach (var result in OneCaller.Run(root))
    {
        Tell(result);
    }

    foreach (var result in await ManyCallers.RunAsync(root))
    {
        Tell(result);
    }

    foreach (var result in ManyKeys.Run(root))
    {
        Tell(result);
    }
}
finally
{
    Directory.Delete(root, recursive: true);
}

return 0;

static void Tell(Result result) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"| {result.What} | {result.Measured} | {result.Beside} | {(result.Ratio is { } ratio ? ratio.ToString("F2", CultureInfo.InvariantCulture) : "")} | {result.Goal} |"));
