using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>What a file store will not use, and what it says then. Nothing is changed.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    [Fact]
    public void A_link_is_refused()
    {
        var real = Directory.CreateDirectory(Path.Combine(_folder.Root, "real")).FullName;
        Directory.CreateSymbolicLink(_folder.Path, real);

        AssertRefused($"is a link to '{real}'. Give the file store the directory itself.");
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("state")]
    [InlineData("0000000001.log")]
    public void A_link_inside_is_refused(string file)
    {
        _folder.Open().Dispose();
        var elsewhere = Path.Combine(_folder.Root, "elsewhere");
        File.Move(_folder.File(file), elsewhere);
        File.CreateSymbolicLink(_folder.File(file), elsewhere);

        AssertRefused("is a link to");
    }

    [Fact]
    public void A_file_is_refused()
    {
        File.WriteAllText(_folder.Path, "mine");

        AssertRefused("is a file. Give the file store a directory of its own.");
    }

    [Fact]
    public void A_directory_with_something_else_in_it_is_refused()
    {
        Directory.CreateDirectory(_folder.Path);
        File.WriteAllText(_folder.File("thesis.doc"), "mine");

        AssertRefused("has 'thesis.doc' in it, which is not the file store's. Give the file store a directory of its own.");
        Assert.Equal(["thesis.doc"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_is_made_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // a directory's access list is inherited there
        }

        Directory.CreateDirectory(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherExecute);
        using var store = _folder.Open();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.Path));
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Nothing_of_a_key_can_be_read_in_a_name()
    {
        using var store = _folder.Open();
        await store.RunAsync("4111-1111-1111-1111");

        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), static file => file.Contains("4111", StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(_folder.Path, "*.log"), static file => Assert.DoesNotContain("4111", Copy(file), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 600, FileDurability.PowerLoss, "Capacity is 0; it must be at least 1.")]
    [InlineData(1, 0, FileDurability.PowerLoss, "TombstoneRetention is 00:00:00; it must be from 1 millisecond to 1 day.")]
    [InlineData(1, 86_401, FileDurability.PowerLoss, "TombstoneRetention is 1.00:00:01; it must be from 1 millisecond to 1 day.")]
    [InlineData(1, 600, (FileDurability)7, "Durability is 7; it must be PowerLoss or ProcessCrash.")]
    public void Nonsense_options_are_refused(int capacity, int tombstoneSeconds, FileDurability durability, string fault)
    {
        var options = new FileStoreOptions { Capacity = capacity, TombstoneRetention = TimeSpan.FromSeconds(tombstoneSeconds), Durability = durability };

        Assert.Contains(fault, Assert.Throws<ArgumentException>(() => _folder.Open(options: options)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_empty_path_is_refused(string path) => Assert.Throws<ArgumentException>(() => new FileStore(path));

    [Fact]
    public async Task A_store_whose_files_were_removed_under_it_fails_closed()
    {
        var time = new FakeTimeProvider();
        using var store = _folder.Open(time);
        await store.RunAsync("a");
        foreach (var file in Directory.GetFiles(_folder.Path, "*.alive"))
        {
            File.Delete(file);
        }

        // The next look at the own file is due in a second; it is taken by the same queue that serves callers.
        time.Advance(TimeSpan.FromSeconds(1));
        var refusal = await Assert.ThrowsAsync<IOException>(() => store.ClaimAsync("b"));

        Assert.Contains("were removed while it was open", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => store.ClaimAsync("c"));
    }

    public void Dispose() => _folder.Dispose();

    private static string Copy(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private void AssertRefused(string message) => Assert.Contains(message, Assert.Throws<IOException>(() => _folder.Open()).Message, StringComparison.Ordinal);
}
