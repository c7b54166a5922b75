using System.Text.Json;

namespace Payments;

/// <summary>A file that only grows. A line in it is money that was taken: the effect that must not happen twice.</summary>
public sealed class Ledger(string path) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _file = new(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    private int _lines;

    /// <summary>Takes the money.</summary>
    public Receipt Append(string chargeId, string customer, long amount, string currency)
    {
        lock (_lock)
        {
            var receipt = new Receipt(++_lines, chargeId, customer, amount, currency);
            _file.WriteLine(JsonSerializer.Serialize(receipt, PaymentsJson.Default.Receipt));
            return receipt;
        }
    }

    /// <summary>Reads a ledger back from its file.</summary>
    public static IReadOnlyList<Receipt> Read(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize(line, PaymentsJson.Default.Receipt)!)];

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
