using System.Text.Json.Serialization;
using Idempotency;
using Microsoft.Extensions.DependencyInjection;
using Shop;

namespace Snippets.Trimming;

internal static class Startup
{
    public static void Configure(IServiceCollection services)
    {
        #region json-registration
        services.AddIdempotency(options => options.JsonTypeInfoResolvers.Add(ShopJson.Default));
        #endregion
    }
}

#region json-context
[JsonSerializable(typeof(Receipt))]
internal sealed partial class ShopJson : JsonSerializerContext;
#endregion
