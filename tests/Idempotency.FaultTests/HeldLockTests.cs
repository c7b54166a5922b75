using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Idempotency.Soak;
using Xunit;

namespace Idempotency.FaultTests;

/// <summary>
/// Part of S-20: a process is stopped in the very call that writes to the log, while it holds the lock that everybody needs. Others
/// wait in the kernel; they neither spin nor go on without the lock.
/// </summary>
public sealed class HeldLockTests
{
    [Theory, MemberData(nameof(Stores.Locking), MemberType = typeof(Stores))]
    public Task Others_wait_for_a_stopped_holder_of_the_lock_until_it_goes_on(string store, OnCrash onCrash) => PlayAsync(store, onCrash, dies: false);

    [Theory, MemberData(nameof(Stores.Locking), MemberType = typeof(Stores))]
    public Task Others_wait_for_a_stopped_holder_of_the_lock_until_it_dies(string store, OnCrash onCrash) => PlayAsync(store, onCrash, dies: true);

    [Fact]
    public async Task A_store_that_goes_on_without_the_lock_is_found()
    {
        using var scene = new Scene("file", OnCrash.Retry);
        using var first = Open(scene);
        using var holder = await Holder.StartAsync(scene);

        File.Delete(scene.LockFile); // whoever opens the store now locks another file of that name
        using var store = Open(scene);
        using var guard = IdempotencyGuard.Create(store);

        Assert.Equal(1, await guard.RunAsync(Operation(scene), "another", static _ => Task.FromResult(1L)));
        await holder.EndAsync(dies: true);
    }

    private static async Task PlayAsync(string name, OnCrash onCrash, bool dies)
    {
        using var scene = new Scene(name, onCrash);
        using var store = Open(scene);
        using var guard = IdempotencyGuard.Create(store);
        var hurried = new IdempotencyOptions { StoreTimeout = TimeSpan.FromMilliseconds(100), ClaimTimeout = TimeSpan.FromMilliseconds(1) };
        using var hurriedGuard = IdempotencyGuard.Create(store, hurried);
        var operation = Operation(scene);
        using var holder = await Holder.StartAsync(scene);

        var waiting = store.GetAsync(KeyOf("waiting"), CancellationToken.None).AsTask();
        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => hurriedGuard.RunAsync(operation, "hurried", static _ => throw new InvalidOperationException("It ran without the lock.")));
        Assert.Contains("The body did not run.", refusal.Message, StringComparison.Ordinal);
        await Patience.UntilAsync(() => IsBlockedAt(scene.LockFile), "a thread to be blocked by the lock");
        Assert.False(waiting.IsCompleted);

        await holder.EndAsync(dies);
        Assert.Null(await waiting);
        var call = guard.RunAsync(operation, "0", static _ => Task.FromResult(-1L));
        if (dies && onCrash == OnCrash.Hold)
        {
            await Assert.ThrowsAsync<OperationInDoubtException>(() => call);
        }
        else
        {
            Assert.Equal(dies ? -1 : Scene.Lines(holder.Work).Single(static line => line.What == Journal.Returned).Value, await call);
        }
    }

    private static FileStore Open(Scene scene) => (FileStore)scene.Store.Open(Path.GetDirectoryName(Path.GetDirectoryName(scene.LockFile))!, TimeProvider.System);

    /// <summary>The same as the holder's.</summary>
    private static IdempotentOperation<long> Operation(Scene scene) => new("soak.charge") { OnCrash = scene.OnCrash };

    private static Keys.IdempotencyKey KeyOf(string key) => Keys.IdempotencyKey.FromCanonical("soak.charge", System.Text.Encoding.UTF8.GetBytes(key));

    /// <summary>Whether a thread of this process is in the call that waits for this lock, as the kernel sees it: it uses no processor then.</summary>
    private static bool IsBlockedAt(string path)
    {
        const int ExclusiveWaiting = 2;
        var flock = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 32 : 73;
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                var call = File.ReadAllText(thread + "/syscall").Split(' ');
                if (call is [var number, var file, var how, ..]
                    && number == flock.ToString(CultureInfo.InvariantCulture)
                    && how == $"0x{ExclusiveWaiting:x}"
                    && File.ResolveLinkTarget($"/proc/self/fd/{Convert.ToInt32(file, 16)}", returnFinalTarget: false)?.FullName == path)
                {
                    return true;
                }
            }
            catch (IOException)
            {
                // The thread has ended since it was listed.
            }
        }

        return false;
    }

    /// <summary>A process that is stopped as soon as it has written its claim, before it gives the lock up.</summary>
    private sealed class Holder : IDisposable
    {
        private readonly Process _strace;
        private readonly int _process;

        private Holder(Workload work, Process strace, int process) => (Work, _strace, _process) = (work, strace, process);

        public Workload Work { get; }

        public static async Task<Holder> StartAsync(Scene scene)
        {
            var work = scene.NewWork() with { Calls = 1, IsQuiet = true };
            var strace = Strace.Start(work, scene.Calls, "pwrite64", "signal=STOP:when=1", scene.LogFile);
            string[] lines = [];
            await Patience.UntilAsync(
                () => File.Exists(scene.Calls) && Array.Exists(lines = File.ReadAllLines(scene.Calls), static line => line.Contains("stopped by SIGSTOP", StringComparison.Ordinal)),
                "a process to be stopped while it writes");
            var write = lines.First(static line => line.Contains("pwrite64(", StringComparison.Ordinal));
            var group = File.ReadLines($"/proc/{write.Split(' ')[0]}/status").Single(static line => line.StartsWith("Tgid:", StringComparison.Ordinal));
            return new Holder(work, strace, int.Parse(group["Tgid:".Length..], CultureInfo.InvariantCulture));
        }

        public async Task EndAsync(bool dies)
        {
            if (dies)
            {
                Signals.SendKill(_process);
            }
            else
            {
                // Every thread is stopped at its own first write, and there is one more to store the outcome.
                await Patience.UntilAsync(
                    () =>
                    {
                        Signals.SendContinue(_process);
                        return _strace.HasExited;
                    },
                    "a process that was stopped to end");
            }

            await Children.EndAsync(_strace, Work);
        }

        public void Dispose()
        {
            _strace.Kill(entireProcessTree: true); // does nothing to one that has ended
            _strace.Dispose();
        }
    }
}
