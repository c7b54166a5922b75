using Idempotency.EntityFrameworkCore;
using Idempotency.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Idempotency;

/// <summary>Lets bodies work with Entity Framework in the transaction of their call.</summary>
public static class DbContextIdempotencyBuilderExtensions
{
    /// <summary>
    /// Gives bodies that take a <typeparamref name="TContext"/> a fresh one that works in the transaction in which their outcome is
    /// committed. What the body leaves unsaved is saved before that. The store has to be in the context's database.
    /// </summary>
    /// <remarks>
    /// The context comes from the registered <see cref="IDbContextFactory{TContext}"/>, or from a service scope of its own. Its options must
    /// not retry on failure: the guard repeats the whole transaction, the body included.
    /// </remarks>
    /// <typeparam name="TContext">Registered with <c>AddDbContextFactory</c> or <c>AddDbContext</c>; exactly the type that bodies take.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static IdempotencyBuilder UseDbContext<TContext>(this IdempotencyBuilder builder)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ITransactionAdapter, DbContextAdapter<TContext>>());
        return builder;
    }
}
