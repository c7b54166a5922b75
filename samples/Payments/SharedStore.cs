using Idempotency;

namespace Payments;

/// <summary>A store for one run of the sample, which several processes share. It is new: nothing has been charged there yet.</summary>
public abstract partial class SharedStore
{
    /// <summary>What to do when the store cannot be used.</summary>
    public abstract string Advice { get; }

    /// <summary>Makes what the store needs before the processes start. Throws what its client throws when there is no server.</summary>
    public abstract Task PrepareAsync();

    /// <summary>Lets a guard use the store. In an application of yours this line is all that you write.</summary>
    public abstract void Use(IdempotencyBuilder idempotency);

    /// <summary>Removes what the run has left.</summary>
    public abstract Task RemoveAsync();

    /// <summary>Finds the store that a command line names.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="run">What tells this run from every other: the name of a folder, a prefix, a schema or a table.</param>
    /// <returns>The store, or <see langword="null"/> when this build has none of that name.</returns>
    public static SharedStore? Find(Arguments arguments, string run)
    {
        SharedStore? store = arguments.Store == "file" ? new SharedFolder(Path.Combine(arguments.Address ?? Path.GetTempPath(), run)) : null;
        FindOnServer(arguments.Store, arguments.Address, run, ref store);
        return store;
    }

    /// <summary>In <c>ServerStores.cs</c>, which a trimmed or native build leaves out; then this call is left out too.</summary>
    static partial void FindOnServer(string? name, string? address, string run, ref SharedStore? store);
}
