using Idempotency.Generator.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Idempotency.Generator.Tests;

/// <summary>Generators do not see what others write. A guarded method is there for all of them, since its declaration is the user's.</summary>
public sealed class OtherGeneratorsTests
{
    private const string Source = """
        using System;
        using System.Text.Json.Serialization;
        using System.Threading;
        using System.Threading.Tasks;
        using Idempotency;
        using Microsoft.AspNetCore.Builder;
        using Microsoft.AspNetCore.Http;
        using Microsoft.AspNetCore.Mvc;
        using Microsoft.AspNetCore.Routing;

        namespace Shop;

        public record Order(Guid Id, decimal Amount);
        public record Receipt(Guid Order, int Number);

        [JsonSerializable(typeof(Order)), JsonSerializable(typeof(Receipt))]
        public partial class ShopJson : JsonSerializerContext;

        public static partial class Endpoints
        {
            public static void Map(IEndpointRouteBuilder app, Orders orders)
            {
                app.MapPost("/orders", orders.PlaceAsync);
                app.MapPost("/orders/{id}/cancel", CancelAsync);
                app.MapPut("/orders", (Order order, Orders other, CancellationToken token) => other.PlaceAsync(order, token));
            }

            [Idempotent]
            public static partial Task<Receipt?> CancelAsync([FromServices] IdempotencyGuard guard, [FromRoute] Guid id, [FromHeader(Name = "reason"), IdempotencyIgnore] string? reason);
            private static Task<Receipt?> CancelCoreAsync(Guid id, string? reason) => Task.FromResult<Receipt?>(null);
        }

        public partial class Orders(IdempotencyGuard guard)
        {
            [Idempotent(Ttl = "24h")] public partial Task<Receipt> PlaceAsync([FromBody] Order order, CancellationToken token);
            private Task<Receipt> PlaceCoreAsync(Order order) => Task.FromResult(new Receipt(order.Id, 1));
        }
        """;

    [Fact]
    public async Task Request_delegates_and_json_contracts_are_generated_for_guarded_methods()
    {
        var aspNet = new SharedFramework("Microsoft.AspNetCore.App");
        var options = Compile.ParseOptions.WithFeatures([new("InterceptorsNamespaces", "Microsoft.AspNetCore.Http.Generated")]);
        var compilation = Compile.Bare(options, NullableContextOptions.Enable, Source).AddReferences(aspNet.References("Microsoft.AspNetCore.dll"));

        var run = GeneratorRun.On(compilation, [.. aspNet.Generators("Microsoft.AspNetCore.Http.RequestDelegateGenerator.dll")]);

        Assert.Empty(run.Complaints);
        Assert.Empty(await run.AnalyzeAsync());
        Assert.True(run.HasGuards);
        var others = string.Concat(run.Output.SyntaxTrees.Where(static tree => tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)));
        Assert.Equal(3, others.Split("InterceptsLocationAttribute(1, ").Length - 1);
        Assert.Contains("JsonTypeInfo<global::Shop.Receipt>", others, StringComparison.Ordinal);
    }
}
