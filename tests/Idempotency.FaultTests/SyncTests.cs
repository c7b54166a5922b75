using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>
/// Part of S-71: why the store asks the operating system itself to put a file on the disk. When that fails, .NET 10 on Linux returns
/// from <c>FileStream.Flush(true)</c> and <c>RandomAccess.FlushToDisk</c> as if it had not. When this test fails because they throw,
/// the store may use them. That the store never asks twice for the same file, <see cref="SystemCallTests"/> asserts.
/// </summary>
public sealed class SyncTests
{
    [Fact]
    public async Task Only_the_stores_own_sync_says_that_the_disk_failed()
    {
        using var scene = new Scene("file", OnCrash.Retry);
        var work = scene.NewWork() with { Role = Role.Syncing };

        using var process = Strace.Start(work, scene.Calls, "fsync,fdatasync", "error=EIO");
        await Children.EndAsync(process, work);

        var calls = await Strace.ReadAsync(scene.Calls);
        Assert.Equal(["fsync", "fsync", "fdatasync"], calls.Select(static call => call.Name));
        Assert.All(calls, static call => Assert.EndsWith("= -1 EIO (Input/output error) (INJECTED)", call.Line, StringComparison.Ordinal));
        Assert.Equal(
            [(Syncing.Stream, Journal.Returned), (Syncing.Handle, Journal.Returned), (Syncing.Own, Journal.Unavailable)],
            Scene.Lines(work).Select(static line => (line.Key, line.What)));
    }
}
