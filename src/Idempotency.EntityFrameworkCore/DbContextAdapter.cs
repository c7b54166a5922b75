using System.Data.Common;
using Idempotency.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.EntityFrameworkCore;

/// <summary>Makes contexts that work in a transaction of somebody else's.</summary>
internal sealed class DbContextAdapter<TContext>(IServiceScopeFactory scopes) : ITransactionAdapter
    where TContext : DbContext
{
    public bool Makes(Type wanted) => wanted == typeof(TContext);

    public async ValueTask<ITransactionView> MakeAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        DbContextView? view = null;
        try
        {
            var context = await NewAsync(scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
            view = new DbContextView(scope, context);
            if (context.Database.CreateExecutionStrategy().RetriesOnFailure)
            {
                throw new InvalidOperationException(
                    $"'{typeof(TContext)}' retries on failure by itself, which is impossible inside a transaction that it did not begin. The guard repeats the whole " +
                    "transaction instead. Leave EnableRetryOnFailure out of this context's options, or derive a context of its own for guarded methods.");
            }

            context.Database.SetDbConnection(transaction.Connection, contextOwnsConnection: false);
            await context.Database.UseTransactionAsync(transaction, cancellationToken).ConfigureAwait(false);
            return view;
        }
        catch (Exception)
        {
            IAsyncDisposable made = view is null ? scope : view;
            await made.DisposeAsync().ConfigureAwait(false);
            throw; // whatever failed
        }
    }

    private static async ValueTask<TContext> NewAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetService<IDbContextFactory<TContext>>() is { } factory
            ? await factory.CreateDbContextAsync(cancellationToken).ConfigureAwait(false)
            : services.GetService<TContext>() ?? throw new InvalidOperationException(
                $"A body wants a '{typeof(TContext)}', and no service makes one. Register it with AddDbContextFactory<{typeof(TContext).Name}>(…) or " +
                $"AddDbContext<{typeof(TContext).Name}>(…).");
        if (context.ContextId.Lease == 0)
        {
            return context;
        }

        // One of a pool would take the connection along to whoever gets it next, and cannot be given its own back.
        await context.DisposeAsync().ConfigureAwait(false);
        return ActivatorUtilities.CreateInstance<TContext>(services);
    }
}
