using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Idempotency.Keys;
using Idempotency.Runtime.Tests.Transactions;
using Xunit;

namespace Idempotency.Runtime.Tests.Guard;

/// <summary>An operation made by hand may bring the contract of its result along.</summary>
public sealed partial class ResultContractTests
{
    private static readonly Receipt s_receipt = new("r-1", DateTimeKind.Local);

    [Fact]
    public async Task It_is_what_results_are_kept_and_read_back_with()
    {
        using var test = new TestGuard(keepsObjects: false);
        var operation = new IdempotentOperation<Receipt>("test.contract") { ResultContract = ContractJson.Default.Receipt };
        string? key = null;
        var first = await test.Guard.RunAsync(operation, "key", context =>
        {
            key = context.Key;
            return Task.FromResult(s_receipt);
        });
        var second = await test.Guard.RunAsync<Receipt>(operation, "key", _ => throw new InvalidOperationException("A duplicate ran."));

        Assert.Equal(s_receipt, first);
        Assert.Equal(s_receipt, second);
        var record = await test.Memory.GetAsync(IdempotencyKey.FromText("test.contract", key!), default);
        Assert.Contains("{\"the_id\":\"r-1\",\"kind\":\"Local\"}", Encoding.UTF8.GetString(record!.Outcome!.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_comes_before_what_is_registered()
    {
        using var test = new TestGuard(options => options.JsonTypeInfoResolvers.Add(new UnaskedResolver()), keepsObjects: false);
        var operation = new IdempotentOperation<Receipt>("test.contract") { ResultContract = ContractJson.Default.Receipt };

        Assert.Equal(s_receipt, await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(s_receipt)));
    }

    [Fact]
    public async Task Without_one_the_registered_contracts_are_asked()
    {
        using var test = new TestGuard(options => options.JsonTypeInfoResolvers.Add(new UnaskedResolver()), keepsObjects: false);
        var operation = new IdempotentOperation<Receipt>("test.contract");

        Assert.Null(operation.ResultContract);
        await Assert.ThrowsAsync<NotSupportedException>(() => test.Guard.RunAsync(operation, "key", _ => Task.FromResult(s_receipt)));
    }

    [Fact]
    public async Task A_result_in_a_transaction_is_kept_and_read_back_with_it()
    {
        using var test = new TransactionTest(options => options.JsonTypeInfoResolvers.Add(new UnaskedResolver()));
        var operation = new IdempotentOperation<Receipt>("test.contract")
        {
            ResultContract = ContractJson.Default.Receipt,
            Transaction = TransactionTest.Operation.Transaction,
        };

        Assert.Equal(s_receipt, await test.Guard.RunAsync(operation, "key", _ => Task.FromResult(s_receipt)));
        Assert.Equal(s_receipt, await test.Guard.RunAsync<Receipt>(operation, "key", _ => throw new InvalidOperationException("A duplicate ran.")));
    }

    [Fact]
    public async Task A_live_result_is_refused_whatever_its_contract()
    {
        using var test = new TestGuard();
        var contract = JsonMetadataServices.CreateValueInfo<Stream>(new JsonSerializerOptions(), new NoStream());
        var operation = new IdempotentOperation<Stream>("test.live") { ResultContract = contract };
        var ran = false;

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => test.Guard.RunAsync<Stream>(operation, "key", _ =>
        {
            ran = true;
            return Task.FromResult(Stream.Null);
        }));

        Assert.Contains("cannot be stored and replayed", refused.Message, StringComparison.Ordinal);
        Assert.False(ran);
    }

    [Fact]
    public async Task A_contract_that_cannot_read_back_what_it_writes_is_refused()
    {
        using var test = new TestGuard();
        var operation = new IdempotentOperation<Shape>("test.abstract") { ResultContract = ContractJson.Default.Shape };

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => test.Guard.RunAsync<Shape>(operation, "key", _ => throw new FormatException()));

        Assert.Contains("not read back", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Results_in_memory_are_read_by_the_contract_of_who_asks(bool asksAnotherGuard)
    {
        var store = new MemoryStore();
        using var first = IdempotencyGuard.Create(store);
        var options = new IdempotencyOptions();
        options.JsonTypeInfoResolvers.Add(new Marked());
        using var other = asksAnotherGuard ? IdempotencyGuard.Create(store, options) : first;
        var operation = new IdempotentOperation<Receipt>("test.contract");
        var asked = asksAnotherGuard ? operation : new IdempotentOperation<Receipt>("test.contract") { ResultContract = Marked.Contract };
        await first.RunAsync(operation, "key", _ => Task.FromResult(s_receipt));

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(s_receipt, await first.RunAsync<Receipt>(operation, "key", _ => throw new InvalidOperationException("A duplicate ran.")));
            Assert.Equal("marked", (await other.RunAsync<Receipt>(asked, "key", _ => throw new InvalidOperationException("A duplicate ran."))).Id);
        }
    }

    public sealed record Receipt([property: JsonPropertyName("the_id")] string Id, DateTimeKind Kind);

    public abstract class Shape
    {
        public int Corners { get; set; }
    }

    /// <summary>Stands for a registered contract that must not be asked.</summary>
    private sealed class UnaskedResolver : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) => throw new NotSupportedException($"Asked for '{type}'.");
    }

    private sealed class NoStream : JsonConverter<Stream>
    {
        public override Stream Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Stream.Null;

        public override void Write(Utf8JsonWriter writer, Stream value, JsonSerializerOptions options) => writer.WriteNullValue();
    }

    /// <summary>Reads every receipt as one that says who has read it.</summary>
    private sealed class Marked : JsonConverter<Receipt>, IJsonTypeInfoResolver
    {
        public static readonly JsonTypeInfo<Receipt> Contract = JsonMetadataServices.CreateValueInfo<Receipt>(ContractJson.Default.Options, new Marked());

        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) =>
            type == typeof(Receipt) ? JsonMetadataServices.CreateValueInfo<Receipt>(options, this) : null;

        public override Receipt Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Skip();
            return s_receipt with { Id = "marked" };
        }

        public override void Write(Utf8JsonWriter writer, Receipt value, JsonSerializerOptions options) => writer.WriteNullValue();
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
    [JsonSerializable(typeof(Receipt))]
    [JsonSerializable(typeof(Shape))]
    private sealed partial class ContractJson : JsonSerializerContext;
}
