using Idempotency;
using Microsoft.Extensions.DependencyInjection;
using Shop;

namespace Snippets.Registration;

internal static class Startup
{
    public static void Minimal(IServiceCollection services)
    {
        #region registration-minimal
        services.AddIdempotency();
        services.AddSingleton<Invoices>();
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

    public static void FileStore(IServiceCollection services)
    {
        #region registration-file-store
        services.AddIdempotency()
            .UseFileStore("/var/lib/shop/idempotency");
        #endregion
    }

    public static void FileStoreWithOptions(IServiceCollection services)
    {
        #region registration-file-store-options
        services.AddIdempotency()
            .UseFileStore("/var/lib/shop/idempotency", store =>
            {
                store.Durability = FileDurability.ProcessCrash; // a power cut may cost the last seconds; default: nothing
                store.Capacity = 1_000_000;                     // about 300 bytes of memory each, in every process
            });
        #endregion
    }

    public static Invoices WithoutContainer(IPaymentGateway gateway)
    {
        #region registration-without-container
        var guard = IdempotencyGuard.Create(new MemoryStore()); // one for the whole process
        var invoices = new Invoices(guard, gateway);
        #endregion

        return invoices;
    }
}
