using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Idempotency.Storage.Files;

/// <summary>
/// What the file store needs of the operating system and the runtime does not give: an error when data did not reach the disk, a
/// lock that can be waited for, and directories.
/// </summary>
/// <remarks>
/// <c>FileStream.Flush(true)</c> and <c>RandomAccess.FlushToDisk</c> of .NET 10 on Linux return normally when <c>fsync</c> fails.
/// </remarks>
internal static partial class LibC
{
    private const int LockExclusive = 2, LockUnlock = 8, LockNonBlocking = 4;
    private const int Interrupted = 4, WouldBlockLinux = 11, WouldBlockMac = 35;
    private const int CurrentDirectory = -100, NoFollow = 0x100, OwnerWanted = 0x8, StatLength = 256, OwnerOffset = 20;

    /// <summary>Puts a file's data on the disk, and its length where that changed.</summary>
    /// <exception cref="IOException">It did not reach the disk. Asking again for the same file would prove nothing.</exception>
    public static void SyncData(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
        }
        else if (FDataSync(file) != 0)
        {
            throw Failure($"Could not put '{path}' on the disk");
        }
    }

    /// <summary>Lets the disk begin to write what a file has up to here, so that a sync later has less to wait for.</summary>
    /// <remarks>Waits for nothing and promises nothing: what goes wrong is told by the sync.</remarks>
    public static void BeginWriting(SafeFileHandle file, long length)
    {
        const uint Write = 2;
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, 0, length, Write);
        }
    }

    /// <summary>Puts a directory's entries on the disk, where the operating system has a call for that.</summary>
    /// <exception cref="IOException">They did not reach the disk.</exception>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const int ReadOnly = 0, CloseOnExecLinux = 0x80000;
        var directory = Open(path, OperatingSystem.IsLinux() ? CloseOnExecLinux : ReadOnly);
        if (directory < 0)
        {
            throw Failure($"Could not open the directory '{path}'");
        }

        using var handle = new SafeFileHandle(directory, ownsHandle: true);
        if (FSync(handle) != 0)
        {
            throw Failure($"Could not put the directory '{path}' on the disk");
        }
    }

    /// <summary>Locks a file against every other handle, also of this process.</summary>
    /// <param name="file">The file.</param>
    /// <param name="wait">Whether to wait for it.</param>
    /// <param name="path">Its name, for the message.</param>
    /// <returns>Whether it is locked; <see langword="false"/> only without waiting.</returns>
    /// <exception cref="IOException">The file cannot be locked at all.</exception>
    [UnsupportedOSPlatform("windows")]
    public static bool Lock(SafeFileHandle file, bool wait, string path)
    {
        while (FLock(file, wait ? LockExclusive : LockExclusive | LockNonBlocking) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (!wait && error is WouldBlockLinux or WouldBlockMac)
            {
                return false;
            }

            if (error != Interrupted)
            {
                throw Failure($"Could not lock '{path}'", " The file store needs a file system whose locks work. Choose a local file system.");
            }
        }

        return true;
    }

    [UnsupportedOSPlatform("windows")]
    public static void Unlock(SafeFileHandle file) => _ = FLock(file, LockUnlock);

    /// <summary>Makes sure that a file has this length and the room for it on the disk. What it has already stays as it is.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public static void Allocate(SafeFileHandle file, long offset, long length, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.SetLength(file, Math.Max(RandomAccess.GetLength(file), offset + length));
            return;
        }

        int error;
        do
        {
            error = PosixFAllocate(file, offset, length);
        }
        while (error == Interrupted);

        if (error != 0)
        {
            throw new IOException($"Could not make room for {length} bytes more in '{path}': {new Win32Exception(error).Message}.", error);
        }
    }

    /// <summary>Whether a directory belongs to the user this process runs as, where that can be asked.</summary>
    public static bool IsOwn(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> stat = stackalloc byte[StatLength];
        return StatX(CurrentDirectory, path, NoFollow, OwnerWanted, stat) != 0 || MemoryMarshal.Read<uint>(stat[OwnerOffset..]) == EffectiveUser();
    }

    private static IOException Failure(string what, string advice = "")
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {new Win32Exception(error).Message} (error {error}).{advice}", error);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFAllocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Span<byte> stat);
}
