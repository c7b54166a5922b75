using Idempotency;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets.Registration;

internal static class Startup
{
    public static void Minimal(IServiceCollection services)
    {
        #region registration-minimal
        services.AddIdempotency();
        services.AddSingleton<Shop.Invoices>();
        #endregion
    }

    public static void WithOptions(IServiceCollection services, byte[] secret)
    {
        #region registration-options
        services.AddIdempotency(options =>
            {
                options.DefaultTtl = TimeSpan.FromDays(7);       // longer than anybody retries
                options.DefaultLease = TimeSpan.FromSeconds(30); // after a crash, others wait this long
                options.KeySecret = secret;                      // stored keys then reveal nothing
            })
            .UseMemoryStore(store => store.Capacity = 200_000)
            .AddStore("payments", payments => payments.UseMemoryStore());
        #endregion
    }

    public static Shop.Invoices WithoutContainer(Shop.IPaymentGateway gateway)
    {
        #region registration-without-container
        var guard = IdempotencyGuard.Create(new MemoryStore());
        var invoices = new Shop.Invoices(guard, gateway);
        #endregion

        return invoices;
    }
}
