using Idempotency.Storage.Files;

namespace Idempotency.Soak;

/// <summary>Puts a file on the disk in each of the ways there are, and journals by which of them a failure was seen.</summary>
public static class Syncing
{
    /// <summary>The ways, as the keys of the journal's lines.</summary>
    public const string Stream = "FileStream.Flush", Handle = "RandomAccess.FlushToDisk", Own = "LibC.SyncData";

    public static Task RunAsync(Workload work)
    {
        using var journal = new Journal(work.Journal);
        var path = Path.Combine(work.Directory, "file");
        using var file = new FileStream(path, FileMode.Create);
        Try(Stream, () => file.Flush(flushToDisk: true));
        Try(Handle, () => RandomAccess.FlushToDisk(file.SafeFileHandle));
        Try(Own, () => LibC.SyncData(file.SafeFileHandle, path));
        return Task.CompletedTask;

        void Try(string way, Action sync)
        {
            file.WriteByte(1);
            file.Flush();
            try
            {
                sync();
                journal.Write(Journal.Returned, way);
            }
            catch (IOException)
            {
                journal.Write(Journal.Unavailable, way); // seen, as it should be
            }
        }
    }
}
