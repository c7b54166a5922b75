using Microsoft.Win32.SafeHandles;

namespace Idempotency.Storage.Files;

/// <summary>
/// Who is alive: every opened store holds the lock of a file of its own, which the kernel takes away when the process ends, however
/// it ends, and leaves it while it is stopped. Everything here happens under the log's lock, so that nobody mistakes another's look
/// for a life.
/// </summary>
internal sealed class Liveness : IDisposable
{
    public const string Suffix = ".alive";

    /// <summary>Locks that outlive their store, because bodies still run that it was asked to guard.</summary>
    private static readonly List<SafeFileHandle> s_kept = [];

    private readonly string _directory;
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly HashSet<ProcessId> _dead = [];

    public Liveness(string directory)
    {
        _directory = directory;
        _path = PathOf(Own);
        _file = StoreDirectory.OpenFile(_path, FileMode.CreateNew, FileShare.None);
        if (!IsLocked(_path))
        {
            _file.Dispose();
            File.Delete(_path);
            throw new IOException(
                $"Locks do not lock in '{directory}': the same file could be locked twice. The file store needs them to know who is alive. " +
                "Unset DOTNET_SYSTEM_IO_DISABLEFILELOCKING, or choose a local file system.");
        }
    }

    public ProcessId Own { get; } = ProcessId.New();

    /// <summary>Whether the file that shows others that this store is alive is still there.</summary>
    public bool IsSeen => File.Exists(_path);

    public bool IsAlive(ProcessId process)
    {
        if (process == Own)
        {
            return true;
        }

        if (_dead.Contains(process))
        {
            return false; // an identity is never used again
        }

        if (IsLocked(PathOf(process)))
        {
            return true;
        }

        _dead.Add(process);
        return false;
    }

    /// <summary>Removes what stores that ended without saying so have left.</summary>
    public void RemoveDead()
    {
        foreach (var path in Directory.EnumerateFiles(_directory, "*" + Suffix))
        {
            if (path != _path && !IsLocked(path))
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Keeps the lock until the process ends, although its store is closed: what it owns still runs.</summary>
    public void Keep()
    {
        lock (s_kept)
        {
            s_kept.Add(_file);
        }
    }

    /// <summary>Ends the life that others see; the file stays, as it does when a process dies.</summary>
    public void Die() => _file.Dispose();

    public void Dispose()
    {
        Die();
        try
        {
            File.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Without its lock the file says that nobody lives, and the next store that is opened removes it.
        }
    }

    private static bool IsLocked(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false; // its store was closed, or was found dead before
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true; // held by another; and whatever else kept it from being opened, nobody can be said to be dead
        }
    }

    private string PathOf(ProcessId process) => Path.Combine(_directory, process + Suffix);
}
