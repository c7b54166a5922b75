using Microsoft.Win32.SafeHandles;

namespace Idempotency.Storage.Files;

/// <summary>The lock of the whole log, between processes and between the stores of one process. Held for microseconds, never during a sync.</summary>
internal sealed class LogLock : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly string _path;
    private readonly SafeFileHandle? _file;
    private SafeFileHandle? _held;

    public LogLock(string path)
    {
        _path = path;
        if (!OperatingSystem.IsWindows())
        {
            _file = OpenShared();
            LibC.Unlock(_file); // opening a file to share it locks it too, against those who do not
        }
    }

    /// <summary>Takes the lock if nobody has it.</summary>
    public bool TryEnter()
    {
        if (!OperatingSystem.IsWindows())
        {
            return LibC.Lock(_file!, wait: false, _path);
        }

        try
        {
            _held = StoreDirectory.OpenFile(_path, FileMode.OpenOrCreate, FileShare.None);
            return true;
        }
        catch (IOException) when (File.Exists(_path))
        {
            return false;
        }
    }

    /// <summary>Waits for the lock, for ever: whoever has it may be stopped, and nobody may take it away.</summary>
    public void Enter()
    {
        if (!OperatingSystem.IsWindows())
        {
            LibC.Lock(_file!, wait: true, _path);
            return;
        }

        using var pause = new ManualResetEvent(initialState: false);
        while (!TryEnter())
        {
            pause.WaitOne(s_pause);
        }
    }

    /// <summary>Waits for the lock as long as opening a store may take.</summary>
    /// <exception cref="IOException">Somebody has it who does not go on.</exception>
    public void EnterSoon() => Soon(TryEnter, static entered => entered);

    /// <summary>Whether the lock, which is held, is one for others too.</summary>
    public bool KeepsOthersOut()
    {
        try
        {
            using var second = StoreDirectory.OpenFile(_path, FileMode.Open, FileShare.ReadWrite);
            return !OperatingSystem.IsWindows() && !LibC.Lock(second, wait: false, _path);
        }
        catch (IOException failure) when (IsHeld(failure))
        {
            return true;
        }
    }

    public void Exit()
    {
        if (!OperatingSystem.IsWindows())
        {
            LibC.Unlock(_file!);
        }

        _held?.Dispose();
        _held = null;
    }

    public void Dispose()
    {
        _held?.Dispose();
        _file?.Dispose();
    }

    /// <summary>Whether a file could not be opened because somebody else holds it, and for no other reason.</summary>
    private static bool IsHeld(IOException failure)
    {
        const int WouldBlockLinux = 11, WouldBlockMac = 35, SharingViolation = unchecked((int)0x80070020);
        return failure.HResult is WouldBlockLinux or WouldBlockMac or SharingViolation;
    }

    private SafeFileHandle OpenShared()
    {
        SafeFileHandle? file = null;
        Soon(
            () =>
            {
                try
                {
                    return file = StoreDirectory.OpenFile(_path, FileMode.OpenOrCreate, FileShare.ReadWrite);
                }
                catch (IOException) when (File.Exists(_path) && new FileInfo(_path).LinkTarget is null)
                {
                    return null; // just now somebody is in
                }
            },
            static opened => opened is not null);
        return file!;
    }

    private void Soon<T>(Func<T> attempt, Func<T, bool> isDone)
    {
        using var pause = new ManualResetEvent(initialState: false);
        for (var waited = TimeSpan.Zero; !isDone(attempt()); waited += s_pause)
        {
            if (waited >= s_patience)
            {
                throw new IOException(
                    $"'{_path}' could not be locked for {s_patience.TotalSeconds:0} s. A process that uses this store is stopped, or the disk hangs: " +
                    "let it go on or end it.");
            }

            pause.WaitOne(s_pause);
        }
    }
}
