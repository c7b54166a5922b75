using System.Diagnostics;

namespace Idempotency.FaultTests;

/// <summary>
/// A network on loopback that is cut without a word: packets from and to some ports are dropped, and nobody is told. Needs root on
/// Linux, and says so where it has not.
/// </summary>
internal sealed class Partition : IDisposable
{
    private readonly string _table;

    private Partition(string table) => _table = table;

    /// <summary>Cuts off whoever talks to these ports, which nobody else uses.</summary>
    public static Partition Of(IEnumerable<int> ports)
    {
        var list = string.Join(", ", ports);
        var partition = new Partition($"idempotency_{list.Split(',')[0]}");
        try
        {
            Run($$"""
                add table inet {{partition._table}}
                add chain inet {{partition._table}} arriving { type filter hook input priority 0; }
                add rule inet {{partition._table}} arriving tcp dport { {{list}} } drop
                add rule inet {{partition._table}} arriving tcp sport { {{list}} } drop
                """); // all of it or nothing
        }
        catch (Exception)
        {
            partition.Dispose();
            throw; // whatever failed
        }

        return partition;
    }

    /// <summary>Heals it.</summary>
    public void Dispose() => Run($"""
        add table inet {_table}
        delete table inet {_table}
        """); // added, so that deleting it again is no error

    private static void Run(string commands)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nft", ["-f", "-"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
            process.StandardInput.Write(commands + "\n");
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"nft refused '{commands}': {errors} This test drops packets, for which it needs root and the kernel's nftables.");
            }
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException("This test needs nft. Install it, for example with: apt-get install nftables", failure);
        }
    }
}
