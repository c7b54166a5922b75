using Microsoft.Win32.SafeHandles;

namespace Idempotency.Storage.Files;

internal sealed partial class FileStoreEngine
{
    private static readonly TimeSpan s_tidying = TimeSpan.FromSeconds(1);

    private int _sweptTo;
    private int _isTidying;

    private async Task TidyAsync()
    {
        if (_isDisposed || Interlocked.Exchange(ref _isTidying, 1) == 1)
        {
            return;
        }

        try
        {
            await DoAsync(() =>
            {
                _isUnseen |= !_liveness.IsSeen;
                _log.CloseRemoved();
                return (true, 0L);
            }).ConfigureAwait(false);
            await SweepAsync().ConfigureAwait(false);
            await CompactAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nobody waits for it: what could not be tidied up now is tried again at the next tick, and callers are told themselves.
        }
        finally
        {
            Volatile.Write(ref _isTidying, 0);
        }
    }

    /// <summary>Comes by every record once in a minute, in steps too short to be noticed.</summary>
    private async ValueTask SweepAsync()
    {
        const int Tables = 8, Steps = 9;
        for (var i = 0; i < Steps; i++)
        {
            await DoAsync(() => (_log.Sweep(_sweptTo, Tables, _table.Now), 0L)).ConfigureAwait(false);
            _sweptTo = (_sweptTo + Tables) % RecordIndex.Tables;
        }
    }

    private async ValueTask CompactAsync()
    {
        if (!_log.WantsCompaction || CompactionTurn() is not { } turn)
        {
            return;
        }

        using (turn)
        {
            while (!_isDisposed && await DoAsync(() => _log.CompactSome(_table.Now) is var more ? (more, _log.LastLine) : default).ConfigureAwait(false))
            {
            }
        }
    }

    /// <summary>One process at a time compacts; that two do would only be a waste.</summary>
    private SafeFileHandle? CompactionTurn()
    {
        try
        {
            return StoreDirectory.OpenFile(Path.Combine(_directory, SharedLog.CompactionLockName), FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException)
        {
            return null; // somebody else compacts; and whatever else it was, the next tick tries again
        }
    }
}
