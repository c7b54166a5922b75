namespace Idempotency.Generator.Model;

/// <summary>The operation's identity and those of its policies that the attribute sets; what is null keeps its default.</summary>
/// <param name="OnDuplicate">The enum member's name; so are the other policies.</param>
/// <param name="LockOn">Qualified type names.</param>
internal sealed record OperationModel(
    string Name,
    int Version,
    string Schema,
    DurationModel? Ttl,
    DurationModel? Lease,
    DurationModel? WaitTimeout,
    string? OnDuplicate,
    string? OnFailure,
    string? OnCrash,
    bool? CancelBody,
    string? Store,
    EquatableArray<string> LockOn,
    EquatableArray<string> UnlockOn,
    EquatableArray<FailureModel> Failures,
    bool ResultIsImmutable);

/// <summary>A duration, and how the user wrote it.</summary>
internal readonly record struct DurationModel(long Ticks, string Text);

/// <summary>How an exception type is recreated: by a constructor that takes texts it can be asked for again.</summary>
internal sealed record FailureModel(string Type, EquatableArray<FailureArgument> Arguments);

/// <param name="Name">What the text is stored as.</param>
/// <param name="Property">Where it is read from; null for the message, which is always stored.</param>
internal readonly record struct FailureArgument(string Name, string? Property, bool AcceptsNull);
