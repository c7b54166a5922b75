using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>S-73: whatever is wrong with the bytes of a store, no key that it had is ever absent, and none runs.</summary>
public sealed class DamagedLogTests : IDisposable
{
    private const string Log = "0000000001.log", State = "state";
    private const int Flips = 2000;

    private static readonly string[] s_done = ["a", "b", "c"];

    private readonly StoreFolder _folder = new();
    private readonly Dictionary<string, byte[]> _files;

    public DamagedLogTests()
    {
        using (var store = _folder.Open())
        {
            foreach (var key in s_done)
            {
                store.RunAsync(key, $"result of {key}").GetAwaiter().GetResult();
            }

            var owner = store.AcquireAsync("left").GetAwaiter().GetResult();
            store.RenewAsync(TestKeys.Of("left"), owner, TimeSpan.Zero, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        _files = Directory.GetFiles(_folder.Path).Where(static path => !path.EndsWith(".alive", StringComparison.Ordinal)).ToDictionary(static path => Path.GetFileName(path), File.ReadAllBytes);
    }

    /// <summary>How long the log is, without the room that is kept behind it.</summary>
    private int End => _files[Log].AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    [Fact]
    public async Task Every_prefix_of_a_log_that_was_known_to_be_whole_is_damage()
    {
        for (var length = 0; length < End; length++)
        {
            await AssertRefusedOrSameAsync(Log, _files[Log][..length], mayBeSame: false);
        }
    }

    [Fact]
    public async Task Every_prefix_of_what_was_not_known_to_be_whole_is_cut_to_its_whole_lines()
    {
        var state = _files[State][..8]; // without the note of how far it was whole, as after a power cut
        var found = new HashSet<string>();
        for (var length = 64; length <= End; length++)
        {
            Restore();
            Write(State, state);
            Write(Log, _files[Log][..length]);
            using var store = _folder.Open();

            var answers = new List<string>();
            foreach (var key in s_done)
            {
                answers.Add((await store.GetAsync(TestKeys.Of(key), CancellationToken.None))?.State.ToString() ?? "None");
            }

            found.Add(string.Join(" ", answers));
        }

        Assert.Equal(
            [
                "Completed Completed Completed", "Completed Completed InProgress", "Completed Completed None", "Completed InProgress None",
                "Completed None None", "InProgress None None", "None None None",
            ],
            found.Order());
    }

    [Theory]
    [InlineData(Log)]
    [InlineData(State)]
    public async Task No_flipped_bit_makes_a_key_absent(string file)
    {
        var random = new Random(1);
        var end = file == Log ? End + 300 : _files[file].Length;
        for (var i = 0; i < Flips; i++)
        {
            var bytes = _files[file].ToArray();
            bytes[random.Next(end)] ^= (byte)(1 << random.Next(8));

            await AssertRefusedOrSameAsync(file, bytes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(100)]
    public async Task Zeros_in_the_middle_of_a_line_are_damage(int offset)
    {
        for (var line = 64; line < End; line += BitConverter.ToInt32(_files[Log], line))
        {
            var bytes = _files[Log].ToArray();
            bytes.AsSpan(line + offset, Math.Min(64, BitConverter.ToInt32(bytes, line) - offset)).Clear();

            await AssertRefusedOrSameAsync(Log, bytes, mayBeSame: false);
        }
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData(1 << 30)]
    [InlineData(7)]
    [InlineData(0)]
    public async Task A_length_that_cannot_be_costs_no_memory(int length)
    {
        for (var line = 64; line < End; line += BitConverter.ToInt32(_files[Log], line))
        {
            var bytes = _files[Log].ToArray();
            BitConverter.TryWriteBytes(bytes.AsSpan(line), length);
            var before = GC.GetTotalAllocatedBytes();

            await AssertRefusedOrSameAsync(Log, bytes, mayBeSame: false);
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
        }
    }

    [Fact]
    public async Task A_line_in_another_lines_place_is_damage()
    {
        var length = BitConverter.ToInt32(_files[Log], 64);
        var bytes = _files[Log].ToArray();
        var second = bytes.AsSpan(64 + length);
        bytes.AsSpan(64, length).CopyTo(second);

        await AssertRefusedOrSameAsync(Log, bytes, mayBeSame: false);
    }

    [Fact]
    public void A_log_of_a_later_version_is_refused_and_says_so()
    {
        var bytes = _files[Log].ToArray();
        bytes[8] = 2;
        Write(Log, bytes);

        var refusal = Assert.Throws<InvalidDataException>(() => _folder.Open());

        Assert.Contains("has format 2, and this version reads up to 1. Deploy the version that wrote it, or a later one.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(_folder.File(Log)));
    }

    [Theory]
    [InlineData(Log)]
    [InlineData(State)]
    public void A_missing_file_is_damage(string file)
    {
        File.Delete(_folder.File(file));

        var refusal = Assert.Throws<InvalidDataException>(() => _folder.Open());

        Assert.Contains("keys that were in it may then run again", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task AssertRefusedOrSameAsync(string file, byte[] bytes, bool mayBeSame = true)
    {
        Restore();
        Write(file, bytes);
        FileStore store;
        try
        {
            store = _folder.Open();
        }
        catch (InvalidDataException)
        {
            Assert.Equal(bytes, File.ReadAllBytes(_folder.File(file)));
            return;
        }

        Assert.True(mayBeSame, "It was opened.");
        using (store)
        {
            foreach (var key in s_done)
            {
                Assert.Equal($"result of {key}", await store.AskAsync(key));
            }

            Assert.Equal("InDoubt", await store.AskAsync("left", OnCrash.Hold));
        }
    }

    private void Restore()
    {
        foreach (var (name, bytes) in _files)
        {
            Write(name, bytes);
        }
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(_folder.File(name), bytes);
}
