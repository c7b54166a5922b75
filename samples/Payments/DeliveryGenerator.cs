namespace Payments;

/// <summary>Makes the deliveries that come with the sample: always the same, because the random numbers have a fixed seed.</summary>
public static class DeliveryGenerator
{
    private const int Seed = 2026;
    private const int Charges = 400;
    private const int LinesBetweenCharges = 3;
    private const long FirstSent = 1_767_225_600; // 1 January 2026, 00:00 UTC

    private static readonly string[] Currencies = ["eur", "usd", "gbp", "sek"];

    /// <summary>About 1,200 deliveries of 400 charges, in the order in which they arrive.</summary>
    public static IEnumerable<Delivery> Generate()
    {
        var random = new Random(Seed);
        return Enumerable.Range(1, Charges)
            .SelectMany(charge => DeliveriesOf(charge, random))
            .OrderBy(delivery => delivery.Created); // a stable sort: what is sent in the same second stays together
    }

    private static List<Delivery> DeliveriesOf(int charge, Random random)
    {
        var request = new ChargeRequest(
            ChargeId: Id("ch", random),
            Customer: Id("cus", random),
            Amount: random.Next(99, 25_000),
            Currency: Currencies[random.Next(Currencies.Length)],
            Card: CardOf(charge));
        var first = new Delivery(Id("evt", random), Delivery.ChargeRequested, request, FirstSent + (charge * LinesBetweenCharges));
        var deliveries = new List<Delivery> { first };

        // The customer's finger slipped: the same charge several times at once, each time as another event.
        if (random.Next(4) == 0)
        {
            for (var copies = random.Next(1, 4); copies > 0; copies--)
            {
                deliveries.Add(first with { Id = Id("evt", random) });
            }
        }

        // The answer was slow or lost: the provider sends the event again, soon and then once more.
        for (var attempt = 2; attempt <= 4 && random.Next(2) == 0; attempt++)
        {
            deliveries.Add(Again(deliveries[^1], attempt, seconds: random.Next(5, 90)));
        }

        // A day later somebody replays the provider's log.
        if (random.Next(2) == 0)
        {
            deliveries.Add(Again(first, attempt: 9, seconds: random.Next(400, 1_200)));
        }

        // A bug at the shop: a new purchase under an old charge id.
        if (charge % 37 == 0)
        {
            var other = Again(first, attempt: 1, seconds: random.Next(300, 600));
            deliveries.Add(other with { Id = Id("evt", random), Data = request with { Amount = request.Amount + 100 } });
        }

        return deliveries;
    }

    private static string CardOf(int charge) => charge switch
    {
        _ when charge % 50 == 0 => TestCard.Declined,
        _ when charge % 32 == 0 => TestCard.UnreachableFirst(tries: 1 + (charge / 32 % 3)),
        _ => TestCard.Pays,
    };

    private static Delivery Again(Delivery delivery, int attempt, int seconds) =>
        delivery with { Attempt = attempt, Created = delivery.Created + seconds };

    private static string Id(string prefix, Random random) => $"{prefix}_{new string(random.GetItems<char>("0123456789abcdef", 12))}";
}
