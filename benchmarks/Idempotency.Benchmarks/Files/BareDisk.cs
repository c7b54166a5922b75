using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Idempotency.Benchmarks.Files;

/// <summary>The least that anything durable costs: a write into a file that has its room already, and <c>fdatasync</c>.</summary>
internal sealed class BareDisk : IDisposable
{
    private const int Room = 1 << 24;

    private readonly SafeFileHandle _file;
    private readonly byte[] _line = new byte[200];
    private long _position;

    public BareDisk(string directory)
    {
        _file = File.OpenHandle(Path.Combine(directory, $"bare-{Environment.ProcessId}"), FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.Write(_file, new byte[Room], 0);
        Sync();
    }

    public void WriteAndSync()
    {
        RandomAccess.Write(_file, _line, _position);
        _position = (_position + _line.Length) % (Room - _line.Length);
        Sync();
    }

    public void Dispose() => _file.Dispose();

    private void Sync()
    {
        if (fdatasync(_file) != 0)
        {
            throw new IOException($"fdatasync failed with error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", SetLastError = true)]
#pragma warning disable SYSLIB1054, IDE1006 // a benchmark's one call; named as the kernel names it
    private static extern int fdatasync(SafeFileHandle file);
#pragma warning restore SYSLIB1054, IDE1006
}
