using Idempotency.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idempotency.EntityFrameworkCore;

/// <summary>One body's context.</summary>
internal sealed class DbContextView(AsyncServiceScope scope, DbContext context) : ITransactionView
{
    private bool _isDisposed;

    public object Value => context;

    public async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        if (context.ChangeTracker.HasChanges())
        {
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        try
        {
            await context.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
    }
}
