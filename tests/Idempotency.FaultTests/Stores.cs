using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>The stores that scenarios are played with, each under both policies.</summary>
internal static class Stores
{
    public static TheoryData<string, OnCrash> All => Where(static _ => true);

    /// <summary>Those that processes share.</summary>
    public static TheoryData<string, OnCrash> Shared => Where(static store => store.Survives);

    /// <summary>Those in which the system's locks tell who lives: the file store's.</summary>
    public static TheoryData<string, OnCrash> Locking => Where(static store => store.Survives && store.LeaseIsLife);

    /// <summary>Those that are on a server.</summary>
    public static TheoryData<string, OnCrash> Serving => Where(static store => store.Server is not null);

    /// <summary>Those that answer without the thread pool of their process.</summary>
    public static TheoryData<string, OnCrash> Poolless => Where(static store => store.Server is null);

    private static TheoryData<string, OnCrash> Where(Func<StoreUnderTest, bool> isWanted)
    {
        var stores = new TheoryData<string, OnCrash>();
        foreach (var store in StoreUnderTest.All.Where(isWanted))
        {
            stores.Add(store.Name, OnCrash.Retry);
            stores.Add(store.Name, OnCrash.Hold);
        }

        return stores;
    }
}
