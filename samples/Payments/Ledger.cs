using System.Text.Json;

namespace Payments;

/// <summary>A file that only grows. A line in it is money that was taken: the effect that must not happen twice.</summary>
/// <param name="path">The file. Other processes may append to it too.</param>
/// <param name="process">The number of this process, so that no other gives the same number to a receipt.</param>
public sealed class Ledger(string path, int process = 0)
{
    private const int ReceiptsPerProcess = 1_000_000;

    private readonly Lock _lock = new();
    private int _lines;

    /// <summary>Takes the money.</summary>
    public Receipt Append(string chargeId, string customer, long amount, string currency)
    {
        lock (_lock)
        {
            using var file = new StreamWriter(OpenAlone());
            var receipt = new Receipt((process * ReceiptsPerProcess) + ++_lines, chargeId, customer, amount, currency);
            file.WriteLine(JsonSerializer.Serialize(receipt, PaymentsJson.Default.Receipt));
            return receipt;
        }
    }

    /// <summary>Reads a ledger back from its file.</summary>
    public static IReadOnlyList<Receipt> Read(string path) => File.Exists(path)
        ? [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize(line, PaymentsJson.Default.Receipt)!)]
        : [];

    /// <summary>Which process has made a charge.</summary>
    public static int ProcessOf(Receipt receipt) => receipt.Number / ReceiptsPerProcess;

    /// <summary>Opens the file for one line. .NET appends where the file ended when it was opened: two who have it open overwrite each other.</summary>
    private FileStream OpenAlone()
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None);
            }
            catch (IOException failure) when (IsInUse(failure))
            {
                Thread.Yield(); // the other process writes its line, and is done in a moment
            }
        }
    }

    private static bool IsInUse(IOException failure)
    {
        const int Linux = 11, MacOs = 35, Windows = unchecked((int)0x80070020);
        return failure.HResult is Linux or MacOs or Windows;
    }
}
