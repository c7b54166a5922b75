using System.Globalization;

namespace Payments;

/// <summary>Cards whose name says what the simulated network does with them, like the test cards of real providers.</summary>
public static class TestCard
{
    /// <summary>A card that pays, as every card does whose name says nothing else.</summary>
    public const string Pays = "card_pays";

    /// <summary>A card that is declined for good.</summary>
    public const string Declined = "card_declined";

    private const string UnreachablePrefix = "card_unreachable_";

    /// <summary>A card that pays, once the network has been tried this often in vain.</summary>
    public static string UnreachableFirst(int tries) => string.Create(CultureInfo.InvariantCulture, $"{UnreachablePrefix}{tries}");

    /// <summary>How often the network is tried in vain with this card.</summary>
    public static int UnreachableTries(string card) =>
        card.StartsWith(UnreachablePrefix, StringComparison.Ordinal)
        && int.TryParse(card.AsSpan(UnreachablePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var tries)
            ? tries
            : 0;
}
