namespace Idempotency.Runtime.Tests.Files;

/// <summary>A directory for a file store, gone with the test.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly List<FileStore> _stores = [];

    public string Root { get; } = Directory.CreateTempSubdirectory("idempotency-").FullName;

    /// <summary>Where the store is; made by the first that is opened.</summary>
    public string Path => System.IO.Path.Combine(Root, "store");

    public FileStore Open(TimeProvider? time = null, FileStoreOptions? options = null)
    {
        var store = new FileStore(Path, options ?? new FileStoreOptions { Durability = FileDurability.ProcessCrash }, time);
        _stores.Add(store);
        return store;
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        _stores.ForEach(static store => store.Dispose());
        Directory.Delete(Root, recursive: true);
    }
}
