using Idempotency.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Idempotency;

/// <summary>Adds health checks for stores.</summary>
public static class IdempotencyHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is healthy when a store answers. It looks for a record that nobody has, and writes nothing: a store that can be
    /// read but not written to is healthy here.
    /// </summary>
    /// <param name="builder">Where to add it. The guard must be registered with <c>AddIdempotency</c> on the same services.</param>
    /// <param name="storeName">The store that was registered under this name with <c>AddStore</c>; the one that operations use which name none when absent.</param>
    /// <param name="name">The check's name, different from that of every other; <c>idempotency</c> by default.</param>
    /// <param name="failureStatus">What is reported when the store does not answer; <see cref="HealthStatus.Unhealthy"/> when absent.</param>
    /// <param name="tags">What the check can be chosen by; nothing when absent.</param>
    /// <param name="timeout">
    /// How long the store may take, a positive time; when absent, as long as <see cref="IdempotencyOptions.StoreTimeout"/> says for every call, which
    /// also ends a longer one.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The store's or the check's name is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is not positive.</exception>
    public static IHealthChecksBuilder AddIdempotencyStore(
        this IHealthChecksBuilder builder,
        string? storeName = null,
        string name = "idempotency",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (storeName is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(storeName);
        }

        if (timeout is { } longest)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(longest, TimeSpan.Zero, nameof(timeout));
        }

        return builder.Add(new HealthCheckRegistration(
            name,
            services => new StoreHealthCheck(services, storeName, timeout, services.GetService<TimeProvider>() ?? TimeProvider.System),
            failureStatus,
            tags));
    }
}
