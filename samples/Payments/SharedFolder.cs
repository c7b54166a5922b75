using Idempotency;

namespace Payments;

/// <summary>A folder, for processes of one machine.</summary>
public sealed class SharedFolder(string path) : SharedStore
{
    /// <inheritdoc/>
    public override string Advice => "Name a folder on a local disk that you may write to: --at FOLDER.";

    /// <inheritdoc/>
    public override Task PrepareAsync()
    {
        Directory.CreateDirectory(path);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Use(IdempotencyBuilder idempotency) => idempotency.UseFileStore(path);

    /// <inheritdoc/>
    public override Task RemoveAsync()
    {
        Directory.Delete(path, recursive: true);
        return Task.CompletedTask;
    }
}
