using System.Text.Json;

namespace Payments;

/// <summary>A file with one JSON delivery a line.</summary>
public static class DeliveryFile
{
    /// <summary>Reads what can be read. Empty lines are skipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="onMalformed">Told the number and the fault of every line that is left out.</param>
    public static IReadOnlyList<Delivery> Read(string path, Action<int, string> onMalformed)
    {
        var deliveries = new List<Delivery>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;

            try
            {
                deliveries.Add(Parse(line));
            }
            catch (JsonException malformed)
            {
                onMalformed(number, Reason(malformed));
            }
        }

        return deliveries;
    }

    /// <summary>Writes a file that <see cref="Read"/> reads.</summary>
    public static void Write(string path, IEnumerable<Delivery> deliveries)
    {
        using var file = new StreamWriter(path) { NewLine = "\n" };
        foreach (var delivery in deliveries)
        {
            file.WriteLine(JsonSerializer.Serialize(delivery, PaymentsJson.Default.Delivery));
        }
    }

    private static Delivery Parse(string line)
    {
        var delivery = JsonSerializer.Deserialize(line, PaymentsJson.Default.Delivery)
            ?? throw new JsonException("null is not a delivery.");
        if (delivery.Type != Delivery.ChargeRequested)
            throw new JsonException($"The type is '{delivery.Type}'; only '{Delivery.ChargeRequested}' is known.");
        if (string.IsNullOrWhiteSpace(delivery.Data.ChargeId))
            throw new JsonException("data.charge_id is empty.");
        if (delivery.Data.Amount <= 0)
            throw new JsonException($"data.amount is {delivery.Data.Amount}; it must be positive.");

        return delivery;
    }

    /// <summary>The message without the position that the parser appends: to it, every line is line 0 of its own file.</summary>
    private static string Reason(JsonException malformed)
    {
        var reason = malformed.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0];
        return malformed.BytePositionInLine is { } position ? $"{reason} (at {malformed.Path}, byte {position})" : reason;
    }
}
