using System.Globalization;
using Amazon.DynamoDBv2.Model;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.DynamoDb;

/// <summary>A record as it was read. What cannot be read is never taken for absent.</summary>
internal sealed class StoredRecord
{
    /// <summary>The format that this version writes, and the only one it reads.</summary>
    public const int Format = 1;

    private const int MaxEnded = 8;

    private static readonly Dictionary<string, RecordState> s_states = new(StringComparer.Ordinal)
    {
        [StatusOf(RecordState.InProgress)] = RecordState.InProgress,
        [StatusOf(RecordState.Completed)] = RecordState.Completed,
        [StatusOf(RecordState.Failed)] = RecordState.Failed,
        [StatusOf(RecordState.InDoubt)] = RecordState.InDoubt,
        [StatusOf(RecordState.Released)] = RecordState.Released,
    };

    private string[] _ended = [];

    private StoredRecord()
    {
    }

    public RecordState State { get; private init; }

    public long Version { get; private init; }

    public long Fence { get; private init; }

    public int Attempt { get; private init; }

    public string Token { get; private init; } = "";

    /// <summary>The operator who resolved it, if one did.</summary>
    public string? Resolver { get; private init; }

    public ReadOnlyMemory<byte> Fingerprint { get; private init; }

    public TimeSpan Lease { get; private init; }

    public long LeaseVersion { get; private init; }

    public DateTimeOffset StartedAt { get; private init; }

    public DateTimeOffset DoubtSince { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public StoredOutcome? Outcome { get; private init; }

    public bool IsOpen => State is RecordState.InProgress or RecordState.InDoubt;

    public static string StatusOf(RecordState state) => state switch
    {
        RecordState.InProgress => "in-progress",
        RecordState.Completed => "completed",
        RecordState.Failed => "failed",
        RecordState.InDoubt => "in-doubt",
        _ => "released",
    };

    /// <exception cref="InvalidDataException">It is of another format or damaged; the message says which it is, and how.</exception>
    public static StoredRecord Read(Dictionary<string, AttributeValue> item)
    {
        try
        {
            return Parse(item);
        }
        catch (InvalidDataException fault)
        {
            // With the name of the item, which is not known where it is taken apart.
            throw new InvalidDataException($"The record of {Text(item, Attributes.Operation)}/{Text(item, Attributes.Key)} is not used: {fault.Message}", fault);
        }
    }

    private static StoredRecord Parse(Dictionary<string, AttributeValue> item)
    {
        var format = Number(item, Attributes.Format);
        if (format != Format)
        {
            throw new InvalidDataException($"it has format {format}, and this version of Idempotency.DynamoDb reads {Format}; deploy the version that wrote it.");
        }

        var state = StateOf(item);
        return new StoredRecord
        {
            State = state,
            Version = Number(item, Attributes.Version),
            Fence = Number(item, Attributes.Fence),
            Attempt = (int)Number(item, Attributes.Attempt),
            Token = Text(item, Attributes.Token),
            Resolver = item.TryGetValue(Attributes.Resolver, out var resolver) ? resolver.S : null,
            _ended = Text(item, Attributes.Ended).Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Fingerprint = Bytes(item, Attributes.Fingerprint),
            Lease = state == RecordState.InProgress ? TimeSpan.FromTicks(Number(item, Attributes.Lease)) : TimeSpan.Zero,
            LeaseVersion = state == RecordState.InProgress ? Number(item, Attributes.LeaseVersion) : 0,
            StartedAt = Moment(item, Attributes.StartedAt),
            DoubtSince = state == RecordState.InDoubt ? Moment(item, Attributes.DoubtSince) : default,
            ExpiresAt = state is RecordState.InProgress or RecordState.InDoubt ? DateTimeOffset.MaxValue : Moment(item, Attributes.ExpiresAt),
            Outcome = state is RecordState.Completed or RecordState.Failed
                ? new StoredOutcome(state == RecordState.Failed, Bytes(item, Attributes.Result))
                : null,
        };
    }

    /// <summary>Where an item stands, of which perhaps no more was asked for.</summary>
    public static RecordState StateOf(Dictionary<string, AttributeValue> item) =>
        s_states.TryGetValue(Text(item, Attributes.Status), out var state)
            ? state
            : throw new InvalidDataException($"its {Attributes.Status} is '{Text(item, Attributes.Status)}', which this version of Idempotency.DynamoDb does not know.");

    public static long Number(Dictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) && long.TryParse(value.N, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"its attribute '{name}' is missing or no number.");

    /// <summary>Whether it is as if there were no record. DynamoDB may delete it days later.</summary>
    public bool IsExpired(DateTimeOffset now) => !IsOpen && ExpiresAt <= now;

    public bool IsMine(Ownership owner) => Token == owner.Token.ToString() && Fence == owner.Fence;

    /// <summary>Whether a token must never be granted again.</summary>
    public bool HasEnded(string token) => (State == RecordState.Released && Token == token) || _ended.AsSpan().Contains(token);

    /// <summary>Whether a token is one of those that ended last, so that to end it again changes nothing.</summary>
    public bool HasJustEnded(string token) => IsAmongLast(Listed(), token);

    /// <summary>The ended tokens, as they are stored.</summary>
    public string Ended() => string.Join(' ', Listed());

    /// <summary>The ended tokens and one more, without the oldest if they are too many, as they are stored.</summary>
    public string EndedWith(string token)
    {
        // The owner of a free record stays listed when eight others ended since: else it would be added again as if it had just ended, and push out a later one.
        var ended = With(Listed(), token);
        return string.Join(' ', State == RecordState.Released && !ended.AsSpan().Contains(Token) ? [Token, .. ended] : ended);
    }

    public OperationRecord Describe(IdempotencyKey key, DateTimeOffset? leaseUntil) => new()
    {
        Key = key,
        State = State,
        Version = Version,
        Fence = Fence,
        Attempt = Attempt,
        Fingerprint = Fingerprint,
        StartedAt = StartedAt,
        LeaseUntil = leaseUntil,
        ExpiresAt = IsOpen ? null : ExpiresAt,
        Outcome = Outcome,
    };

    private static string Text(Dictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) && value.S is { } text ? text : throw new InvalidDataException($"its attribute '{name}' is missing or no text.");

    private static ReadOnlyMemory<byte> Bytes(Dictionary<string, AttributeValue> item, string name) =>
        item.TryGetValue(name, out var value) && value.B is { } bytes ? bytes.ToArray() : throw new InvalidDataException($"its attribute '{name}' is missing or not binary.");

    private static DateTimeOffset Moment(Dictionary<string, AttributeValue> item, string name) =>
        Number(item, name) is >= 0 and var ticks && ticks <= DateTimeOffset.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : throw new InvalidDataException($"its attribute '{name}' is no moment.");

    private static string[] With(string[] ended, string token) =>
        IsAmongLast(ended, token) ? ended : [.. ended.Where(other => other != token).TakeLast(MaxEnded - 1), token];

    private static bool IsAmongLast(string[] ended, string token) => ended.AsSpan(Math.Max(0, ended.Length - MaxEnded)).Contains(token);

    /// <summary>The ended tokens, with the owner of a free record, which was not listed when it freed it.</summary>
    private string[] Listed() => State == RecordState.Released && !_ended.AsSpan().Contains(Token) ? With(_ended, Token) : _ended;
}
