namespace Payments;

/// <summary>Compares a ledger with the deliveries it was made from, knowing nothing of how they were delivered.</summary>
public static class LedgerCheck
{
    /// <summary>Says what is wrong, one sentence for each charge.</summary>
    public static IReadOnlyList<string> FindProblems(IEnumerable<Delivery> deliveries, IEnumerable<Receipt> ledger)
    {
        var asked = deliveries.Select(delivery => delivery.Data).ToLookup(request => request.ChargeId);
        var made = ledger.ToLookup(receipt => receipt.ChargeId);

        return
        [
            .. asked.Select(requests => Problem(requests.Key, [.. requests], [.. made[requests.Key]])).OfType<string>(),
            .. made.Where(receipts => !asked.Contains(receipts.Key)).Select(receipts => $"{receipts.Key} was charged, but never delivered."),
        ];
    }

    private static string? Problem(string chargeId, ChargeRequest[] requests, Receipt[] receipts) => receipts switch
    {
        [] when requests.All(request => request.Card != TestCard.Declined) => $"{chargeId} is missing.",
        [] => null,
        [var receipt] when !requests.Any(request => IsFor(receipt, request)) => $"{chargeId} was charged, but not as it was delivered.",
        [_] => null,
        _ => $"{chargeId} was charged {receipts.Length} times.",
    };

    private static bool IsFor(Receipt receipt, ChargeRequest request) =>
        request.Card != TestCard.Declined
        && (receipt.Customer, receipt.Amount, receipt.Currency) == (request.Customer, request.Amount, request.Currency);
}
