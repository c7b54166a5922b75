using System.Text.Json.Serialization;

namespace Idempotency.Benchmarks.Memory;

/// <summary>A method whose result others could change, so that it is kept as bytes.</summary>
public sealed partial class Statements(IdempotencyGuard guard)
{
    [Idempotent(Name = "benchmarks.statement")]
    public partial ValueTask<Statement> MakeAsync(int userId, decimal amount, string orderId, Guid requestId);

    private static ValueTask<Statement> MakeCoreAsync(int userId, decimal amount, string orderId, Guid requestId) =>
        new(new Statement { OrderId = orderId, Amount = amount, UserId = userId, RequestId = requestId });
}

public sealed class Statement
{
    public string OrderId { get; set; } = "";

    public decimal Amount { get; set; }

    public int UserId { get; set; }

    public Guid RequestId { get; set; }
}

[JsonSerializable(typeof(Statement))]
internal sealed partial class StatementJson : JsonSerializerContext;
