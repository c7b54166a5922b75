using Idempotency.DependencyInjection;
using Idempotency.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Idempotency;

/// <summary>Chooses the stores. Packages extend it with their own <c>Use…</c> methods, built on <see cref="UseStore"/>.</summary>
public sealed class IdempotencyBuilder
{
    internal IdempotencyBuilder(IServiceCollection services, string storeName) => (Services, StoreName) = (services, storeName);

    /// <summary>The services that are being configured.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Which store this builder chooses: empty for the one that operations use which name none. Use it as the name of the store's
    /// options, so that every store has its own.
    /// </summary>
    public string StoreName { get; }

    /// <summary>Uses the store that <paramref name="factory"/> makes, once. A later choice replaces an earlier one.</summary>
    /// <returns>This builder.</returns>
    public IdempotencyBuilder UseStore(Func<IServiceProvider, IIdempotencyStore> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.RemoveAllKeyed<IIdempotencyStore>(StoreName);
        Services.AddKeyedSingleton(StoreName, (services, _) => factory(services));
        return this;
    }

    /// <summary>Uses a store in this process's memory: the default, gone with the process.</summary>
    /// <returns>This builder.</returns>
    public IdempotencyBuilder UseMemoryStore(Action<MemoryStoreOptions>? configure = null)
    {
        var options = Services.AddOptions<MemoryStoreOptions>(StoreName).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MemoryStoreOptions>, MemoryStoreOptionsValidator>());
        return UseStore(services => new MemoryStore(
            services.GetRequiredService<IOptionsMonitor<MemoryStoreOptions>>().Get(StoreName), services.GetService<TimeProvider>()));
    }

    /// <summary>
    /// Uses a store in a directory: shared by all processes on one host, and surviving the death of any of them. It is opened when
    /// the guard is first asked for.
    /// </summary>
    /// <param name="path">A directory of its own, on a local disk. It is made if there is none.</param>
    /// <param name="configure">Changes the defaults. They are checked when the host starts.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public IdempotencyBuilder UseFileStore(string path, Action<FileStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = Services.AddOptions<FileStoreOptions>(StoreName).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FileStoreOptions>, FileStoreOptionsValidator>());
        return UseStore(services => new FileStore(
            path, services.GetRequiredService<IOptionsMonitor<FileStoreOptions>>().Get(StoreName), services.GetService<TimeProvider>()));
    }

    /// <summary>Adds a store for the operations that name it with <see cref="IdempotentAttribute.Store"/>.</summary>
    /// <param name="name">The name, compared ordinally.</param>
    /// <param name="choose">Chooses the store, for example <c>store => store.UseMemoryStore()</c>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is empty, or no store was chosen for it.</exception>
    public IdempotencyBuilder AddStore(string name, Action<IdempotencyBuilder> choose)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(choose);
        choose(new IdempotencyBuilder(Services, name));
        if (!Services.Any(service => service.IsKeyedService && service.ServiceType == typeof(IIdempotencyStore) && name.Equals(service.ServiceKey)))
        {
            throw new ArgumentException($"No store was chosen for '{name}'. Call a Use… method on the builder, for example UseMemoryStore().", nameof(choose));
        }

        return this;
    }
}
