using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Payments;

/// <summary>One of two processes that deliver the same file: this program, started again by itself.</summary>
public sealed class DeliveryProcess : IDisposable
{
    /// <summary>What the command line of such a process begins with.</summary>
    public const string Option = "--process";

    private const string Ready = "ready";
    private const string Go = "go";

    private readonly int _number;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private DeliveryProcess(int number, Process process)
    {
        _number = number;
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts one.</summary>
    /// <param name="number">1 or 2.</param>
    /// <param name="run">What tells this run of the sample from every other.</param>
    /// <param name="ledgers">Where both append what they have charged.</param>
    /// <param name="arguments">What to deliver, and the store.</param>
    public static DeliveryProcess Start(int number, string run, LedgerFolder ledgers, Arguments arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Payments.exe" : "Payments");
        var start = new ProcessStartInfo(program, [Option, number.ToString(CultureInfo.InvariantCulture), run, ledgers.Path, .. arguments.ToArray()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new DeliveryProcess(number, Process.Start(start)!);
    }

    /// <summary>Waits until it could begin.</summary>
    public async Task UntilReadyAsync()
    {
        if (await ReadLineAsync() is var line and not Ready)
            throw new IOException($"Process {_number} said '{line}' instead of '{Ready}'.");
    }

    /// <summary>Lets it begin.</summary>
    public Task BeginAsync() => _process.StandardInput.WriteLineAsync(Go);

    /// <summary>Waits for the next run, and gives its counts: first the guarded, then the unguarded.</summary>
    public async Task<DeliveryRun> NextRunAsync() => JsonSerializer.Deserialize(await ReadLineAsync(), PaymentsJson.Default.DeliveryRun)!;

    /// <summary>What such a process does: what the process that started it hears from it is on its standard output.</summary>
    public static async Task RunAsync(int number, SharedStore store, LedgerFolder ledgers, IReadOnlyCollection<Delivery> deliveries)
    {
        Tell(await DeliveryRun.GuardedAsync(deliveries, new Ledger(ledgers.Guarded, number), store.Use, UntilStartAsync));
        Tell(await DeliveryRun.UnguardedAsync(deliveries, new Ledger(ledgers.Unguarded, number)));

        static async Task UntilStartAsync()
        {
            Console.WriteLine(Ready);
            if (await Console.In.ReadLineAsync() != Go)
                throw new IOException("Whoever has started this process does not wait for it any more.");
        }

        static void Tell(DeliveryRun counts) => Console.WriteLine(JsonSerializer.Serialize(counts, PaymentsJson.Default.DeliveryRun));
    }

    /// <summary>Ends it, if it has not ended.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new IOException($"Process {_number} has ended too early. {(await _errors).Trim()}");
}
