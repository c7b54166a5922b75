using Microsoft.Win32.SafeHandles;

namespace Idempotency.Storage.Files;

/// <summary>The directory of a store: made or checked before anything in it is trusted, and readable by its owner alone.</summary>
internal static class StoreDirectory
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode700 = FileMode600 | UnixFileMode.UserExecute;

    /// <summary>File systems that are reached over a network or run in a program of their own, as the kernel calls them.</summary>
    private static readonly HashSet<string> s_networks =
        new(StringComparer.OrdinalIgnoreCase) { "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "fuse", "fuseblk", "afs", "9p", "v9fs", "ceph", "lustre", "gfs2", "ocfs2", "glusterfs", "virtiofs", "webdav", "davfs" };

    /// <summary>Makes the directory, or makes sure that it is a store's and that this store may use it.</summary>
    /// <returns>Its full path.</returns>
    /// <exception cref="IOException">It may not; the message says why and what to do. Nothing was changed.</exception>
    public static string Prepare(string path, bool allowNetwork)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var directory = new DirectoryInfo(full);
        if (directory.LinkTarget is { } target)
        {
            throw new IOException($"'{full}' is a link to '{target}'. Give the file store the directory itself.");
        }

        if (File.Exists(full))
        {
            throw new IOException($"'{full}' is a file. Give the file store a directory of its own.");
        }

        try
        {
            if (!directory.Exists)
            {
                Create(full);
            }

            if (!LibC.IsOwn(full))
            {
                throw new IOException($"'{full}' belongs to another user, who could change what is stored. Give the file store a directory of the user it runs as.");
            }

            if (directory.EnumerateFileSystemInfos().FirstOrDefault(static entry => !IsOurs(entry)) is { } foreign)
            {
                throw new IOException($"'{full}' has '{foreign.Name}' in it, which is not the file store's. Give the file store a directory of its own.");
            }

            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(full, DirectoryMode700);
            }
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"The file store may not use '{full}': {failure.Message} Give it a directory that its user may write to.", failure);
        }

        var format = new DriveInfo(full).DriveFormat;
        if (s_networks.Contains(format.Split('.')[0]) && !allowNetwork) // 'fuse.sshfs' since .NET 10, 'fuse' before
        {
            throw new IOException(
                $"'{full}' is on a file system of type '{format}', where locks and syncs may not mean what they say. Choose a local disk, or set " +
                $"{nameof(FileStoreOptions)}.{nameof(FileStoreOptions.AllowNetworkFileSystem)} if only one host uses it and its locks work.");
        }

        return full;
    }

    /// <summary>Opens a file of a store: never through a link, and for its owner alone when it is made.</summary>
    public static SafeFileHandle OpenFile(string path, FileMode mode, FileShare share)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new IOException($"'{path}' is a link to '{target}'. The file store follows none; remove it.");
        }

        try
        {
            var file = File.OpenHandle(path, mode, FileAccess.ReadWrite, share);
            if (mode is not FileMode.Open && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, FileMode600);
            }

            return file;
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException($"The file store may not open '{path}': {failure.Message} Let its user read and write it.", failure);
        }
    }

    private static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, DirectoryMode700);
        }

        if (Path.GetDirectoryName(path) is { } parent)
        {
            LibC.SyncDirectory(parent);
        }
    }

    private static bool IsOurs(FileSystemInfo entry) =>
        (entry is DirectoryInfo && entry.Name == "lost+found") // the file system's own
        || (entry is FileInfo && (entry.Name is SharedLog.LockName or SharedLog.StateName or SharedLog.CompactionLockName
            || LogSegment.NumberOf(entry.Name) is not null
            || entry.Name.EndsWith(LogSegment.Suffix + LogSegment.UnfinishedSuffix, StringComparison.Ordinal)
            || entry.Name.EndsWith(Liveness.Suffix, StringComparison.Ordinal)));
}
