using Idempotency.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Idempotency;

/// <summary>Makes the clients of a factory hand idempotency keys on.</summary>
public static class IdempotencyHttpClientBuilderExtensions
{
    /// <summary>
    /// Gives what this client sends from inside guarded bodies an idempotency key derived from that of the body, the same on every attempt. See
    /// <see cref="IdempotencyKeyPropagationHandler"/>.
    /// </summary>
    /// <remarks>
    /// The handler becomes the outermost of those that are added to the client, whatever the order of the calls: outside of those that retry
    /// or hedge, so that all they send carries one key, and outside of those that look up where a service runs, so that the key is made of the
    /// URI that the body asked for and not of the machine that was found this time. The client's name is part of every key; for a typed client it
    /// is the type's name. For servers that do not know the header, and for clients that fetch tokens, do not add it: the one ignores the key, and a
    /// token that is replayed may have expired.
    /// </remarks>
    /// <param name="builder">The client, or the defaults of all.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts, and when a handler is made.</param>
    /// <returns>The builder.</returns>
    public static IHttpClientBuilder AddIdempotencyKeyPropagation(
        this IHttpClientBuilder builder, Action<IdempotencyKeyPropagationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<IdempotencyKeyPropagationOptions>(builder.Name).ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(builder.Name, configure); // without a name, which the defaults of all clients have not, it is for every client
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<IdempotencyKeyPropagationOptions>, IdempotencyKeyPropagationOptionsValidator>());
        services.Configure<HttpClientFactoryOptions>(builder.Name, static client => client.HttpMessageHandlerBuilderActions.Add(AddOutermost));
        return builder;
    }

    private static void AddOutermost(HttpMessageHandlerBuilder client)
    {
        var name = client.Name ?? "";
        var options = client.Services.GetRequiredService<IOptionsMonitor<IdempotencyKeyPropagationOptions>>().Get(name);
        client.AdditionalHandlers.Insert(0, new IdempotencyKeyPropagationHandler(name, options));
    }
}
