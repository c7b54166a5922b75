using System.Text.Json;

namespace WebApi;

/// <summary>A file that only grows. A line in it is money that was taken: the effect that must not happen twice.</summary>
/// <param name="path">The file. Other processes may append to it too.</param>
public sealed class Ledger(string path)
{
    private readonly Lock _lock = new();

    /// <summary>Takes the money. The line is on the disk when this returns, and stays there if the process dies a moment later.</summary>
    public void Append(Receipt receipt)
    {
        lock (_lock)
        {
            using var file = Open(FileMode.Append, FileAccess.Write);
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(receipt, JsonSerializerOptions.Web), (byte)'\n']);
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>All that was taken, in the order in which it was.</summary>
    public IReadOnlyList<Receipt> Read()
    {
        lock (_lock)
        {
            using var lines = new StreamReader(Open(FileMode.OpenOrCreate, FileAccess.Read));
            return [.. Lines(lines).Select(static line => JsonSerializer.Deserialize<Receipt>(line, JsonSerializerOptions.Web)!)];
        }
    }

    private static IEnumerable<string> Lines(StreamReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Opens the file for nobody else. .NET appends where the file ended when it was opened: two who have it open overwrite each other.</summary>
    private FileStream Open(FileMode mode, FileAccess access)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, mode, access, FileShare.None);
            }
            catch (IOException failure) when (IsInUse(failure))
            {
                Thread.Yield(); // the other process is done in a moment
            }
        }
    }

    private static bool IsInUse(IOException failure)
    {
        const int Linux = 11, MacOs = 35, Windows = unchecked((int)0x80070020);
        return failure.HResult is Linux or MacOs or Windows;
    }
}
