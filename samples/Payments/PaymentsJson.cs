using System.Text.Json.Serialization;

namespace Payments;

/// <summary>How the files of this sample are written, and what its processes tell each other, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(DeliveryRun))]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class PaymentsJson : JsonSerializerContext;
