using System.Diagnostics;
using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>S-74: where locks do not lock, the file store does not start, and says what to do.</summary>
public sealed class LockTests : IDisposable
{
    private readonly Scene _scene = new("file", OnCrash.Hold);

    /// <summary>The log's lock is the store's own call and is there all the same; who is alive is told by locks of the runtime.</summary>
    [Fact]
    public async Task Locks_of_the_runtime_that_are_switched_off_are_noticed() => await AssertRefusedAsync(
        work => Children.Start(work, "env", "DOTNET_SYSTEM_IO_DISABLEFILELOCKING=1"),
        "Locks do not lock in", "Unset DOTNET_SYSTEM_IO_DISABLEFILELOCKING, or choose a local file system.");

    [Theory]
    [InlineData("ENOLCK", "No locks available (error 37)")]
    [InlineData("EOPNOTSUPP", "Operation not supported (error 95)")]
    public async Task Locks_that_fail_are_noticed(string error, string message) => await AssertRefusedAsync(
        work => Strace.Start(work, _scene.Calls, "flock", $"error={error}"), "Could not lock", message, "Choose a local file system.");

    [Fact]
    public async Task Locks_that_do_nothing_and_say_they_did_are_noticed() => await AssertRefusedAsync(
        work => Strace.Start(work, _scene.Calls, "flock", "retval=0"), "the log could be locked twice. Choose a local file system.");

    /// <summary>From the first lock on that says who is alive: the log's own was found to be one before.</summary>
    [Theory]
    [InlineData("error=ENOLCK")]
    [InlineData("error=EOPNOTSUPP")]
    [InlineData("retval=0")]
    public async Task Locks_of_the_living_that_do_not_lock_are_noticed(string fault)
    {
        await Children.WorkAsync(NewWork()); // so that there is a store, and every process that opens it makes the same calls
        var work = NewWork();
        await RunAsync(Strace.Start(work, _scene.Calls, "flock"), work);
        var calls = await Strace.ReadAsync(_scene.Calls);
        var first = calls.First(static call => call.Line.Contains(".alive>", StringComparison.Ordinal));
        var number = calls.Where(call => call.Thread == first.Thread).TakeWhile(call => call != first).Count() + 1; // counted in each thread

        await AssertRefusedAsync(work => Strace.Start(work, _scene.Calls, "flock", $"{fault}:when={number}+"), "the same file could be locked twice");
    }

    /// <summary>As the kernel names them: those that run in a program of their own have its name behind theirs.</summary>
    [RootTheory]
    [InlineData("nfs4")]
    [InlineData("cifs")]
    [InlineData("9p")]
    [InlineData("fuseblk")]
    [InlineData("fuse")]
    [InlineData("fuse.sshfs")]
    [InlineData("fuse.glusterfs")]
    [InlineData("virtiofs")]
    public async Task File_systems_that_are_elsewhere_are_refused(string type)
    {
        var mounts = _scene.Calls;
        await File.WriteAllTextAsync(mounts, $"{await File.ReadAllTextAsync("/proc/self/mountinfo")}9999 1 0:99 / {NewWork().Directory} rw - {type} elsewhere rw\n");

        // Where the runtime looks, another list is mounted, for this one process alone.
        await AssertRefusedAsync(
            work => Children.Start(work, "unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /proc/$$/mountinfo && exec \"$@\"", mounts),
            $"is on a file system of type '{type}'", "Choose a local disk, or set FileStoreOptions.AllowNetworkFileSystem");
    }

    [Fact]
    public async Task Locks_that_lock_are_not_refused()
    {
        var work = NewWork();

        Assert.Equal("", await RunAsync(Strace.Start(work, _scene.Calls, "flock"), work));
        Assert.Contains(Scene.Lines(work), static line => line.What == Journal.Returned);
    }

    public void Dispose() => _scene.Dispose();

    private Workload NewWork() => _scene.NewWork() with { Calls = 2 };

    /// <returns>What the child complained of.</returns>
    private static async Task<string> RunAsync(Process process, Workload work)
    {
        using (process)
        {
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"{errors}\n{work.ToArgument()}");
            return errors;
        }
    }

    private async Task AssertRefusedAsync(Func<Workload, Process> start, params string[] parts)
    {
        var work = NewWork();
        var refusal = await RunAsync(start(work), work);
        Assert.All(parts, part => Assert.Contains(part, refusal, StringComparison.Ordinal));
        Assert.Equal([Journal.Unavailable], Scene.Lines(work).Select(static line => line.What)); // and no body ran
    }
}
