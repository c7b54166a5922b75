using System.Text.Json.Serialization;

namespace Payments;

/// <summary>One line of the deliveries file: an event as a payment provider sends it to a webhook, again and again until it is answered.</summary>
/// <param name="Id">The event. A provider keeps it when it sends the event again.</param>
/// <param name="Type">What the event asks for.</param>
/// <param name="Data">The charge to make.</param>
/// <param name="Created">When the event was sent, in seconds since 1970.</param>
/// <param name="Attempt">How often the provider has sent it.</param>
public sealed record Delivery(
    string Id, string Type, [property: JsonPropertyOrder(1)] ChargeRequest Data, long Created = 0, int Attempt = 1)
{
    /// <summary>The only type this application knows.</summary>
    public const string ChargeRequested = "charge.requested";
}
