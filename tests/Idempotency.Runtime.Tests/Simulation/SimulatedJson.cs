using System.Text.Json.Serialization;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>The contract of the simulated results; found by reflection for every guard anew, it would take most of the time.</summary>
[JsonSerializable(typeof(int))]
internal sealed partial class SimulatedJson : JsonSerializerContext;
