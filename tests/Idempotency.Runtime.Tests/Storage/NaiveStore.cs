using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Storage;

/// <summary>
/// The store contract once more, as plainly as it can be said: one list, no threads, no bytes. What another store does is compared
/// with it. Fences and versions are counted from 1; only their order and equality mean something.
/// </summary>
internal sealed class NaiveStore(TimeSpan tombstoneRetention)
{
    private readonly List<Entry> _entries = [];
    private long _changes;

    public TimeSpan Now { get; set; }

    public sealed class Entry
    {
        public required string Key { get; init; }
        public RecordState State { get; set; } = RecordState.Released;
        public OwnerToken? Owner { get; set; }
        public string Fingerprint { get; set; } = "";
        public string? Outcome { get; set; }
        public long Fence { get; set; }
        public long Version { get; set; }
        public int Attempt { get; set; }
        public TimeSpan LeaseUntil { get; set; }
        public TimeSpan? ExpiresAt { get; set; }
        public List<OwnerToken> Dead { get; set; } = [];
        public bool IsOpen => State is RecordState.InProgress or RecordState.InDoubt;
        public bool IsMine(OwnerToken token, long fence) => Owner == token && Fence == fence;
    }

    /// <summary>The live record.</summary>
    public Entry? Find(string key) => _entries.Find(entry => entry.Key == key && !(entry.ExpiresAt <= Now));

    public (string Answer, long Fence) Claim(string key, OwnerToken token, TimeSpan lease, OnCrash onCrash, string fingerprint)
    {
        var entry = Find(key) ?? Add(key);
        if (entry.Dead.Contains(token))
        {
            return ("stale", 0);
        }

        if (entry.State == RecordState.Released)
        {
            return Grant(entry, token, lease, fingerprint, takenOver: false);
        }

        if (entry.Fingerprint != fingerprint)
        {
            return ("mismatch", 0);
        }

        if (!entry.IsOpen)
        {
            return ($"finished with {entry.Outcome}", 0);
        }

        if (entry.Owner == token)
        {
            Extend(entry, lease);
            return ($"acquired, attempt {entry.Attempt}, taken over False", entry.Fence);
        }

        if (entry.State == RecordState.InProgress && Now < entry.LeaseUntil)
        {
            return ($"busy, attempt {entry.Attempt}, remaining {entry.LeaseUntil - Now}", 0);
        }

        if (entry.State == RecordState.InProgress && onCrash == OnCrash.Retry)
        {
            Kill(entry, entry.Owner!.Value);
            return Grant(entry, token, lease, fingerprint, takenOver: true);
        }

        if (entry.State == RecordState.InProgress)
        {
            entry.State = RecordState.InDoubt;
            entry.Version = ++_changes;
        }

        return ($"in doubt, attempt {entry.Attempt}", 0);
    }

    public bool Renew(string key, OwnerToken token, long fence, TimeSpan lease)
    {
        if (Find(key) is not { IsOpen: true } entry || !entry.IsMine(token, fence))
        {
            return false;
        }

        Extend(entry, lease);
        return true;
    }

    public bool Finish(string key, OwnerToken token, long fence, string outcome, bool isFailure, TimeSpan retention)
    {
        var ended = isFailure ? RecordState.Failed : RecordState.Completed;
        if (Find(key) is not { } entry || !entry.IsMine(token, fence))
        {
            return false;
        }

        if (entry.IsOpen)
        {
            End(entry, ended, outcome, retention);
            return true;
        }

        return entry.State == ended;
    }

    public bool Release(string key, OwnerToken token, long fence)
    {
        if (Find(key) is not { } entry)
        {
            return false;
        }

        if (entry.IsOpen && entry.IsMine(token, fence))
        {
            Free(entry);
            return true;
        }

        return entry.Dead.Contains(token) || (entry.State == RecordState.Released && entry.IsMine(token, fence));
    }

    public void Abandon(string key, OwnerToken token)
    {
        var entry = Find(key) ?? Add(key);
        if (entry.IsOpen && entry.Owner == token)
        {
            Free(entry);
            return;
        }

        Kill(entry, token);
        if (entry.State == RecordState.Released)
        {
            End(entry, RecordState.Released, null, tombstoneRetention);
        }
    }

    public bool Resolve(string key, long version, string? outcome, bool isFailure, TimeSpan retention)
    {
        if (Find(key) is not { IsOpen: true } entry || entry.Version != version
            || (entry.State == RecordState.InProgress && Now < entry.LeaseUntil))
        {
            return false;
        }

        if (outcome is null)
        {
            Free(entry);
            return true;
        }

        Kill(entry, entry.Owner!.Value);
        entry.Owner = null;
        End(entry, isFailure ? RecordState.Failed : RecordState.Completed, outcome, retention);
        return true;
    }

    /// <summary>Keys whose record has expired and was not removed before.</summary>
    public int Purge() => _entries.RemoveAll(entry => entry.ExpiresAt <= Now);

    private Entry Add(string key)
    {
        _entries.RemoveAll(entry => entry.Key == key);
        _entries.Add(new Entry { Key = key });
        return _entries[^1];
    }

    private (string Answer, long Fence) Grant(Entry entry, OwnerToken token, TimeSpan lease, string fingerprint, bool takenOver)
    {
        entry.Owner = token;
        entry.Fingerprint = fingerprint;
        entry.Outcome = null;
        entry.ExpiresAt = null;
        entry.Attempt++;
        Extend(entry, lease);
        entry.Fence = entry.Version;
        return ($"acquired, attempt {entry.Attempt}, taken over {takenOver}", entry.Fence);
    }

    private void Extend(Entry entry, TimeSpan lease)
    {
        entry.State = RecordState.InProgress;
        entry.LeaseUntil = Now + lease;
        entry.Version = ++_changes;
    }

    private void Free(Entry entry)
    {
        Kill(entry, entry.Owner!.Value);
        End(entry, RecordState.Released, null, tombstoneRetention);
    }

    private void End(Entry entry, RecordState state, string? outcome, TimeSpan retention)
    {
        entry.State = state;
        entry.Outcome = outcome;
        entry.ExpiresAt = Now + retention;
        entry.Version = ++_changes;
    }

    private static void Kill(Entry entry, OwnerToken token)
    {
        if (!entry.Dead.Contains(token))
        {
            entry.Dead.Add(token);
        }

        if (entry.Dead.Count > 8)
        {
            entry.Dead.RemoveAt(0);
        }
    }
}
