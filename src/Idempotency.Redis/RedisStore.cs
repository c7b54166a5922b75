using System.Buffers.Binary;
using Idempotency.Keys;
using Idempotency.Redis;
using Idempotency.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Idempotency;

/// <summary>Remembers keys in Redis, for any number of processes on any number of machines.</summary>
/// <remarks>
/// <para>
/// Every operation is one step on one record, by the server's own clock. A record is one string: reading it is one GET. The store is
/// as lasting as the server: what a fail-over or a restart loses is gone, and its operation can run again. See <c>docs/redis.md</c> for
/// what <see cref="RedisStoreOptions.MinReplicas"/> and <see cref="RedisStoreOptions.DetectDataLoss"/> do about it, and what they cannot do.
/// </para>
/// <para>All members are safe to use from any thread.</para>
/// </remarks>
public sealed class RedisStore : IIdempotencyStore, IAsyncDisposable, IDisposable
{
    private static readonly RedisValue s_completed = "C", s_failed = "F", s_released = "R";

    private readonly RedisStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisNames _names;
    private readonly RedisValue _channel;
    private readonly RedisScripts _scripts;
    private readonly RedisLink _link;
    private readonly RedisCommands _commands;
    private readonly RedisReplicas? _replicas;
    private readonly RedisWaiters _waiters;
    private readonly RedisEpochs? _epochs;
    private readonly ReadOrder _order = new();
    private readonly RedisValue _tombstone, _tombstoneMilliseconds;

    /// <summary>A store on a connection that stays its maker's.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="options">The defaults when absent. Changing them later changes nothing.</param>
    /// <param name="timeProvider">The clock of deadlines and of looking for oneself; the system's when absent. Leases and retention are the server's.</param>
    /// <param name="loggerFactory">Where warnings go; nowhere when absent.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public RedisStore(
        IConnectionMultiplexer connection, RedisStoreOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
        : this(RedisConnector.Given(connection ?? throw new ArgumentNullException(nameof(connection))), options, timeProvider, loggerFactory)
    {
    }

    /// <summary>A store with a connection of its own, made when it is first needed and closed with the store.</summary>
    /// <param name="configuration">An address such as <c>localhost:6379</c>, with options as StackExchange.Redis reads them.</param>
    /// <param name="options">The defaults when absent. Changing them later changes nothing.</param>
    /// <param name="timeProvider">The clock of deadlines and of looking for oneself; the system's when absent. Leases and retention are the server's.</param>
    /// <param name="loggerFactory">Where warnings go; nowhere when absent.</param>
    /// <exception cref="ArgumentException">The configuration cannot be read, or an option is out of its range.</exception>
    public RedisStore(string configuration, RedisStoreOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
        : this(RedisConnector.To(configuration), options, timeProvider, loggerFactory)
    {
    }

    internal RedisStore(
        RedisConnector connector, RedisStoreOptions? options, TimeProvider? timeProvider, ILoggerFactory? loggerFactory, RedisScripts? scripts = null)
    {
        _options = (options ?? new RedisStoreOptions()).Copy();
        if (_options.Faults().FirstOrDefault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        _time = timeProvider ?? TimeProvider.System;
        ILogger logger = loggerFactory?.CreateLogger("Idempotency.Redis") ?? NullLogger.Instance;
        _scripts = scripts ?? RedisScripts.Default;
        _names = new RedisNames(_options.KeyPrefix);
        _channel = _names.Channel;
        _link = new RedisLink(connector, _names, _options.Database, logger);
        _commands = new RedisCommands(_link, _options.CommandTimeout, _time);
        _replicas = _options.MinReplicas > 0 ? new RedisReplicas(_commands, _options.MinReplicas, _options.CommandTimeout) : null;
        _waiters = new RedisWaiters(_names.Channel, logger);
        _epochs = _options.DetectDataLoss ? new RedisEpochs(_names, _commands) : null;
        _tombstone = Pack(RedisTime.ToMicroseconds(_options.TombstoneRetention));
        _tombstoneMilliseconds = RedisTime.ToMilliseconds(_options.TombstoneRetention);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreRefusedException">
    /// The server evicts keys or has lost data, and the operation asks for <see cref="OnCrash.Hold"/>; or it does not accept the user, the
    /// password or the certificate; or replicas are to be waited for where that cannot be done.
    /// </exception>
    /// <exception cref="IOException">The server cannot be reached, or is not ready; whether the claim was granted is unknown.</exception>
    /// <exception cref="TimeoutException">There was no answer; whether the claim was granted is unknown.</exception>
    public async ValueTask<Claim> TryClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        ClaimableKey.Require(key);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return _order.Learn(await ClaimAsync(key, request, cancellationToken).ConfigureAwait(false));
        }
        catch (UnauthorizedAccessException denied)
        {
            // Nothing was claimed, and nobody need wait for what will not mend itself.
            throw new StoreRefusedException(key.Operation, key.Text, denied.Message, denied);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<OwnerAnswer> RenewAsync(IdempotencyKey key, Ownership owner, TimeSpan lease, CancellationToken cancellationToken) =>
        await AskAsync(_scripts.Renew, key, [_channel, Pack(owner.Fence), Pack(owner.Token), Pack(RedisTime.ToMicroseconds(lease))], cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<OwnerAnswer> CompleteAsync(
        IdempotencyKey key, Ownership owner, StoredOutcome outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        RedisValue[] values =
        [
            _channel, Pack(owner.Fence), Pack(owner.Token), outcome.IsFailure ? s_failed : s_completed, Pack(RedisTime.ToMicroseconds(retention)),
            RedisTime.ToMilliseconds(retention), outcome.Payload.ToArray(),
        ];
        return await AskAsync(_scripts.Complete, key, values, cancellationToken, _replicas).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<OwnerAnswer> ReleaseAsync(IdempotencyKey key, Ownership owner, CancellationToken cancellationToken) =>
        await AskAsync(
            _scripts.Release, key, [_channel, Pack(owner.Fence), Pack(owner.Token), _tombstone, _tombstoneMilliseconds], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask AbandonAsync(IdempotencyKey key, OwnerToken token, CancellationToken cancellationToken) =>
        await AskAsync(_scripts.Abandon, key, [_channel, Pack(token), _tombstone, _tombstoneMilliseconds], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The record is damaged, or of a later version.</exception>
    public async ValueTask<OperationRecord?> GetAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var opened = await _commands.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        var value = await _commands.GetAsync(opened, _names.RecordOf(key), key, cancellationToken).ConfigureAwait(false);
        return value.IsNull ? null
            : RedisRecord.Read(value!, out var record) is { } fault ? throw new InvalidDataException($"The record of '{key}' cannot be read. {fault}")
            : record.Describe(key);
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(IdempotencyKey key, long version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var began = _time.GetTimestamp();
        if (timeout <= TimeSpan.Zero)
        {
            return;
        }

        var opened = await _commands.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        var name = _names.RecordOf(key);
        await _commands.AnswerAsync(_waiters.ListenAsync(opened, _options.PollInterval), key, cancellationToken).ConfigureAwait(false);
        using var waiter = _waiters.Join(name);
        while (true)
        {
            // Looked at after listening, so that no change is missed; and by the server's clock, which alone knows when the lease ends.
            var answer = await _commands.EvaluateAsync(opened, _scripts.Watch, [name], [_channel, Pack(version)], key, replicas: null, cancellationToken).ConfigureAwait(false);
            var (lease, left) = (TimeSpan.FromMicroseconds((long)answer), timeout - _time.GetElapsedTime(began));
            if (lease <= TimeSpan.Zero || left <= TimeSpan.Zero || waiter.Changed.IsCompleted)
            {
                return;
            }

            await PauseAsync(waiter.Changed, new[] { lease, left, _options.PollInterval }.Min(), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ResolveAsync(
        IdempotencyKey key, long version, StoredOutcome? outcome, TimeSpan retention, CancellationToken cancellationToken)
    {
        RedisValue[] values = outcome is null
            ? [_channel, Pack(version), s_released, _tombstone, _tombstoneMilliseconds, RedisValue.EmptyString]
            : [
                _channel, Pack(version), outcome.IsFailure ? s_failed : s_completed, Pack(RedisTime.ToMicroseconds(retention)),
                RedisTime.ToMilliseconds(retention), outcome.Payload.ToArray(),
            ];
        return await AskAsync(_scripts.Resolve, key, values, cancellationToken, _replicas).ConfigureAwait(false) == OwnerAnswer.Accepted;
    }

    /// <summary>Does nothing: the server removes expired records by itself.</summary>
    /// <returns>0.</returns>
    public ValueTask<int> PurgeAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(0);
    }

    /// <summary>
    /// Says that what the server holds now is all there is. For <see cref="RedisStoreOptions.DetectDataLoss"/>: call it once when the store is
    /// new, and after a loss when somebody has found out what it means. Not at every start, which would hide a loss.
    /// </summary>
    /// <remarks>Processes that run while data is lost refuse operations with <see cref="OnCrash.Hold"/> until they are started again.</remarks>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    /// <exception cref="TimeoutException">There was no answer in time. It may be called again.</exception>
    /// <exception cref="UnauthorizedAccessException">The server does not accept the user, or not what it wants to do.</exception>
    public Task AcceptDataAsync(CancellationToken cancellationToken = default) =>
        new RedisEpochs(_names, _commands).AcceptAsync(cancellationToken);

    /// <summary>Lets waiters go, and closes the connection, if it is the store's own.</summary>
    public ValueTask DisposeAsync()
    {
        _waiters.Dispose();
        return _link.DisposeAsync();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult(); // closing is all there is to it, and waits for no answer of the application's

    private static RedisValue Pack(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static RedisValue Pack(OwnerToken token)
    {
        var bytes = new byte[16];
        RedisRecord.Write(token, bytes);
        return bytes;
    }

    private async Task<Claim> ClaimAsync(IdempotencyKey key, ClaimRequest request, CancellationToken cancellationToken)
    {
        var opened = await _commands.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        RedisKey name = _names.RecordOf(key);
        if (_order.ReadsFirst && _replicas is null) // who only reads cannot wait until replicas have what was read
        {
            var value = await _commands.GetAsync(opened, name, key, cancellationToken).ConfigureAwait(false);
            if (value.HasValue && RedisRecord.Read(value!, out var record) is null && record.HasOutcome && !record.HasEnded(request.Token))
            {
                return RedisClaims.Ended(record, request);
            }
        }

        opened.Facts.Require(opened.Servers, key, request.OnCrash, waitsForReplicas: _replicas is not null);
        var epoch = _epochs is not null && request.OnCrash == OnCrash.Hold
            ? await _epochs.KnownAsync(opened, key, cancellationToken).ConfigureAwait(false)
            : RedisValue.EmptyString;
        RedisKey[] names = epoch == RedisValue.EmptyString ? [name] : [name, _names.MarkOf(RedisNames.TagOf(key))];
        var answer = await SendClaimAsync(opened, names, RedisClaims.Ask(_channel, request, epoch), request.Token, key, cancellationToken).ConfigureAwait(false);
        return RedisClaims.Read(answer, request) ?? throw RedisEpochs.Lost(key);
    }

    private async Task<byte[]> SendClaimAsync(
        RedisLink.Opened opened, RedisKey[] names, RedisValue[] values, OwnerToken token, IdempotencyKey key, CancellationToken cancellationToken)
    {
        try
        {
            return (byte[]?)await _commands.EvaluateAsync(opened, _scripts.Claim, names, values, key, _replicas, cancellationToken).ConfigureAwait(false) ?? [];
        }
        catch (Exception failure) when (_replicas is not null && failure is IOException or UnauthorizedAccessException)
        {
            // The claim may be granted, but not as safely as was asked for: nobody may run under it.
            await AbandonAsync(key, token, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<OwnerAnswer> AskAsync(
        RedisScript script, IdempotencyKey key, RedisValue[] values, CancellationToken cancellationToken, RedisReplicas? replicas = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        var opened = await _commands.OpenAsync(key, cancellationToken).ConfigureAwait(false);
        RedisKey[] names = [_names.RecordOf(key)];
        var answer = await _commands.EvaluateAsync(opened, script, names, values, key, replicas, cancellationToken).ConfigureAwait(false);
        return (long)answer == 1 ? OwnerAnswer.Accepted : OwnerAnswer.Fenced;
    }

    private async Task PauseAsync(Task changed, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(longest, _time, pause.Token)).ConfigureAwait(false);
        await pause.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
