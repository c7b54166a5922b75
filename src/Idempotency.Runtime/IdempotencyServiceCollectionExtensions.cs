using System.Diagnostics.Metrics;
using Idempotency.DependencyInjection;
using Idempotency.Execution;
using Idempotency.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Idempotency;

/// <summary>Registers the guard.</summary>
public static class IdempotencyServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="IdempotencyGuard"/> and <see cref="IdempotencyOperator"/>, on a memory store until another is chosen.
    /// Calling it again adds to what was configured. The clock is the registered <see cref="TimeProvider"/>, or the system's.
    /// </summary>
    /// <param name="services">Where to register.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts, or when the guard is first asked for.</param>
    /// <returns>A builder that chooses the stores.</returns>
    public static IdempotencyBuilder AddIdempotency(this IServiceCollection services, Action<IdempotencyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<IdempotencyOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IdempotencyOptions>, IdempotencyOptionsValidator>());
        var builder = new IdempotencyBuilder(services, StoreSet.DefaultName);
        if (!services.Any(static service => service.ServiceType == typeof(IdempotencyGuard)))
        {
            services.AddSingleton(MakeGuard(services));
            services.AddSingleton<IdempotencyOperator>();
            builder.UseMemoryStore();
        }

        AddEndpoints(services);
        return builder;
    }

    /// <summary>
    /// Registers what guarded HTTP endpoints need, where the application has them. They are mapped and annotated, so that their package has no call of
    /// its own here; and without its checks at start an endpoint that mixes up its callers would only show when it is called.
    /// </summary>
    private static void AddEndpoints(IServiceCollection services)
    {
#pragma warning disable RS0030 // The name is written here and comes from no record.
        var endpoints = Type.GetType("Idempotency.AspNetCore.HttpServices, Idempotency.AspNetCore");
#pragma warning restore RS0030
        endpoints?.GetMethod("Register", [typeof(IServiceCollection)])?.Invoke(null, [services]);
    }

    private static Func<IServiceProvider, IdempotencyGuard> MakeGuard(IServiceCollection registrations) => services => new IdempotencyGuard(
        name => services.GetKeyedService<IIdempotencyStore>(name),
        () => registrations.Where(static service => service.IsKeyedService && service.ServiceType == typeof(IIdempotencyStore)).Select(static service => service.ServiceKey).OfType<string>(),
        services.GetRequiredService<IOptions<IdempotencyOptions>>().Value,
        services.GetService<TimeProvider>() ?? TimeProvider.System,
        services.GetService<ILoggerFactory>(),
        services.GetService<IMeterFactory>(),
        services.GetServices<ITransactionAdapter>());
}
