using System.Globalization;
using System.Text;
using Idempotency.Storage;
using Idempotency.Storage.Files;
using Xunit;

namespace Idempotency.Runtime.Tests.Files;

/// <summary>S-94: what format 1 has written is read as what it was, on any machine, for ever.</summary>
public sealed class GoldenStoreTests : IDisposable
{
    /// <summary>Every key, and what is known of it: state, attempt, fence and version, when it was started and when it ends, its fingerprint and its outcome.</summary>
    private static readonly Dictionary<string, string> s_records = new()
    {
        ["removed"] = "absent",
        ["expired"] = "absent",
        ["completed"] = "Completed, attempt 1, fence 5, version 6, from 00:00:01 to 2026-01-01 01:00:01, '', result of completed",
        ["completed, with a fingerprint"] = "Completed, attempt 1, fence 7, version 8, from 00:00:01 to 2026-01-01 01:00:01, 'amount 12.50', result of completed, with a fingerprint",
        ["completed, with nothing"] = "Completed, attempt 1, fence 9, version 10, from 00:00:01 to 2026-01-01 01:00:01, '', ",
        ["completed, large"] = "Completed, attempt 1, fence 11, version 12, from 00:00:01 to 2026-01-01 01:00:01, '', large",
        ["completed for ten years"] = "Completed, attempt 1, fence 13, version 14, from 00:00:01 to 2035-12-30 00:00:01, '', result of completed for ten years",
        ["failed"] = "Failed, attempt 1, fence 15, version 16, from 00:00:01 to 2026-01-01 01:00:01, '', result of failed",
        ["released"] = "Released, attempt 1, fence 17, version 18, from 00:00:01 to 2026-01-01 00:10:01, '', none",
        ["abandoned"] = "Released, attempt 0, fence 0, version 19, from 00:00:00 to 2026-01-01 00:10:01, '', none",
        ["completed at the second attempt"] = "Completed, attempt 2, fence 22, version 23, from 00:00:01 to 2026-01-01 01:00:01, '', result of completed at the second attempt",
        ["given up"] = "InProgress, attempt 1, fence 24, version 25, from 00:00:01 to , its owner gone, '', none",
        ["taken over"] = "InProgress, attempt 2, fence 28, version 28, from 00:00:01 to , its owner gone, '', none",
        ["in doubt"] = "InDoubt, attempt 1, fence 29, version 31, from 00:00:01 to , '', none",
        ["resolved"] = "Completed, attempt 1, fence 32, version 35, from 00:00:10 to 2026-01-01 01:00:10, '', found out",
        ["in progress"] = "InProgress, attempt 1, fence 36, version 36, from 00:00:10 to , its owner gone, '', none",
        ["in progress, with a fingerprint"] = "InProgress, attempt 1, fence 37, version 37, from 00:00:10 to , its owner gone, 'amount 12.50', none",
    };

    private readonly StoreFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public GoldenStoreTests()
    {
        _time.Advance(GoldenStore.MadeAt);
        if (Environment.GetEnvironmentVariable("GOLDEN_ACCEPT") == "1")
        {
            AcceptAsync().GetAwaiter().GetResult();
        }

        Directory.CreateDirectory(_folder.Path);
        foreach (var file in Directory.GetFiles(GoldenStore.Directory))
        {
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        }
    }

    [Fact]
    public async Task Every_record_is_read_as_what_it_was()
    {
        using var store = _folder.Open(_time);

        foreach (var key in s_records.Keys)
        {
            Assert.Equal($"{key}: {s_records[key]}", $"{key}: {await TellAsync(store, key)}");
        }

        Assert.Equal(s_records.Count, store.Count); // what has expired is in the log until it is compacted
    }

    [Theory]
    [InlineData("completed", "Finished")]
    [InlineData("failed", "Finished")]
    [InlineData("resolved", "Stale")] // its owner may not repeat itself
    [InlineData("in doubt", "Acquired")]
    [InlineData("in progress", "Acquired")]
    [InlineData("completed, with a fingerprint", "Mismatched")]
    [InlineData("in progress, with a fingerprint", "Mismatched")]
    [InlineData("removed", "Acquired")]
    [InlineData("expired", "Acquired")]
    public async Task Its_owner_is_answered_as_ever(string key, string answer) => await AssertAnsweredAsync(key, GoldenStore.Owner, OnCrash.Hold, answer);

    [Theory]
    [InlineData("released", "Stale")]
    [InlineData("abandoned", "Stale")]
    [InlineData("taken over", "Stale")]
    [InlineData("completed at the second attempt", "Stale")]
    [InlineData("given up", "InDoubt")]
    public async Task Its_former_owner_is_answered_as_ever(string key, string answer) => await AssertAnsweredAsync(key, GoldenStore.Former, OnCrash.Hold, answer);

    [Theory]
    [InlineData("released", OnCrash.Hold, "Acquired")]
    [InlineData("abandoned", OnCrash.Hold, "Acquired")]
    [InlineData("in progress", OnCrash.Hold, "InDoubt")]
    [InlineData("in progress", OnCrash.Retry, "Acquired")]
    [InlineData("in doubt", OnCrash.Hold, "InDoubt")]
    [InlineData("in doubt", OnCrash.Retry, "InDoubt")]
    public async Task A_new_caller_is_answered_as_ever(string key, OnCrash onCrash, string answer) => await AssertAnsweredAsync(key, new OwnerToken(9, 9), onCrash, answer);

    [Fact]
    public async Task A_doubt_is_as_old_as_it_was()
    {
        using var store = _folder.Open(_time);

        var doubt = Assert.IsType<Claim.InDoubt>(await store.ClaimAsync("in doubt", onCrash: OnCrash.Hold));

        Assert.Equal(new Claim.InDoubt(1, new DateTimeOffset(2026, 1, 1, 0, 0, 10, TimeSpan.Zero)), doubt);
    }

    [Fact]
    public async Task It_is_read_on_another_machine_and_written_to_and_read_again()
    {
        // The note of how far the log was whole names the boot of the machine that wrote it.
        var state = File.ReadAllBytes(_folder.File("state"));
        Guid.NewGuid().TryWriteBytes(state.AsSpan(528));
        BitConverter.TryWriteBytes(state.AsSpan(512), RecordLine.Checksum(state.AsSpan(516, 28)));
        File.WriteAllBytes(_folder.File("state"), state);
        using (var store = _folder.Open(_time))
        {
            await store.RunAsync("new", "of today");
        }

        using var again = _folder.Open(_time);

        Assert.Equal("of today", await again.AskAsync("new"));
        foreach (var (key, record) in s_records)
        {
            Assert.Equal((key, record), (key, await TellAsync(again, key)));
        }
    }

    [Fact]
    public async Task The_present_format_is_still_written_as_it_was_frozen()
    {
        using var made = new StoreFolder();
        await GoldenStore.MakeAsync(made.Path);

        foreach (var file in Directory.GetFiles(GoldenStore.Directory, "*.log"))
        {
            Assert.Equal(Comparable(File.ReadAllBytes(file)), Comparable(File.ReadAllBytes(made.File(Path.GetFileName(file)))));
        }
    }

    [Theory]
    [InlineData(17)] // the state
    [InlineData(24)] // the attempt
    [InlineData(64)] // the version
    [InlineData(72)] // the fence
    [InlineData(108)] // when it was started
    public async Task A_byte_that_means_something_else_is_found(int offset)
    {
        var file = _folder.File("0000000001.log");
        var bytes = File.ReadAllBytes(file);
        var (at, length) = GoldenStore.Lines(bytes).First(line => RecordLine.KeyAt(bytes.AsSpan(line.At, line.Length)) == KeyHash.Of(TestKeys.Of("completed")) && bytes[line.At + 17] == (byte)RecordState.Completed);
        bytes[at + offset]++;
        RecordLine.Seal(bytes.AsSpan(at, length), RecordLine.SequenceAt(bytes.AsSpan(at)));
        File.WriteAllBytes(file, bytes);
        using var store = _folder.Open(_time);

        Assert.NotEqual(s_records["completed"], await TellAsync(store, "completed"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task AssertAnsweredAsync(string key, OwnerToken token, OnCrash onCrash, string answer)
    {
        using var store = _folder.Open(_time);

        var claim = await store.ClaimAsync(key, token, onCrash);

        Assert.Equal(answer, ReferenceEquals(claim, Claim.Stale) ? "Stale" : claim.GetType().Name);
    }

    /// <summary>All but what is drawn by lot: the name of the process that wrote, and so the checksums.</summary>
    private static byte[] Comparable(byte[] log)
    {
        foreach (var (at, _) in GoldenStore.Lines(log))
        {
            log.AsSpan(at + 4, 4).Clear();
            log.AsSpan(at + 96, 8).Clear();
        }

        return log;
    }

    private static async Task AcceptAsync()
    {
        if (Directory.Exists(GoldenStore.Directory))
        {
            Directory.Delete(GoldenStore.Directory, recursive: true);
        }

        await GoldenStore.MakeAsync(GoldenStore.Directory);
    }

    private static async Task<string> TellAsync(FileStore store, string key)
    {
        if (await store.GetAsync(TestKeys.Of(key), CancellationToken.None) is not { } record)
        {
            return "absent";
        }

        var outcome = record.Outcome is { } known ? Encoding.UTF8.GetString(known.Payload.Span) : null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{record.State}, attempt {record.Attempt}, fence {record.Fence}, version {record.Version}, from {record.StartedAt:HH:mm:ss} to {record.ExpiresAt:yyyy-MM-dd HH:mm:ss}"
            + $"{(record.LeaseUntil is null ? "" : ", its owner gone")}, '{Encoding.UTF8.GetString(record.Fingerprint.Span)}', {(outcome?.Length == GoldenStore.LargeResult ? "large" : outcome ?? "none")}");
    }
}
