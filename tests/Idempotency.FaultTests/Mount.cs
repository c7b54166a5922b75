using System.Diagnostics;
using System.Globalization;

namespace Idempotency.FaultTests;

/// <summary>A file system of a test's own, mounted for as long as the test runs. Needs root on Linux, and says so where it has not.</summary>
internal sealed class Mount : IDisposable
{
    private readonly string? _image;

    private Mount(string path, string? image) => (Path, _image) = (path, image);

    public string Path { get; }

    /// <summary>A file system in memory that is full after so many kilobytes, or files.</summary>
    public static Mount Memory(int kilobytes, int files = 1000)
    {
        var path = Directory.CreateTempSubdirectory("idempotency-mount-").FullName;
        Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={kilobytes}k,nr_inodes={files}"), "tmpfs", path);
        return new Mount(path, image: null);
    }

    /// <summary>A disk with a file system on it, to pull the plug of.</summary>
    public static Mount Disk(string fileSystem)
    {
        var path = Directory.CreateTempSubdirectory("idempotency-mount-").FullName;
        var image = path + ".img";
        using (var file = File.Create(image))
        {
            file.SetLength(320 << 20); // the least that xfs takes
        }

        Run("mkfs." + fileSystem, "-q", image);
        Run("mount", "-o", "loop", image, path);
        return new Mount(path, image);
    }

    /// <summary>Makes the file system read-only.</summary>
    public void Freeze() => Run("mount", "-o", "remount,ro", Path);

    public void Thaw() => Run("mount", "-o", "remount,rw", Path);

    /// <summary>Mounts the disk again, as after a restart.</summary>
    public void Restart()
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Run("umount", Path);
                break;
            }
            catch (InvalidOperationException failure) when (tries < 100 && failure.Message.Contains("busy", StringComparison.Ordinal))
            {
                Thread.Sleep(20); // a child that another test is just starting shares our open files until it runs its own program
            }
        }

        Run("mount", "-o", "loop", _image!, Path);
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
        if (_image is not null)
        {
            File.Delete(_image);
        }
    }

    private static void Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"'{command} {string.Join(' ', arguments)}' failed: {errors} This test mounts file systems of its own, for which it needs root.");
            }
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new InvalidOperationException($"This test needs '{command}'. Install it, for example with: apt-get install mount e2fsprogs", failure);
        }
    }
}
