namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What all calls of one key share. Every key is an operation of its own.</summary>
internal sealed record Policy(string Operation)
{
    public OnCrash OnCrash { get; private init; }

    public OnFailure OnFailure { get; private init; }

    public bool CancelBody { get; private init; }

    public bool LocksDeclined { get; private init; }

    public bool UnlocksTransient { get; private init; }

    public bool ResultIsImmutable { get; private init; }

    public TimeSpan Ttl { get; private init; }

    public static Policy Draw(string operation, Random random) => new(operation)
    {
        OnCrash = random.Pick(OnCrash.Retry, OnCrash.Hold),
        OnFailure = random.Pick(OnFailure.Unlock, OnFailure.Lock),
        CancelBody = random.Chance(0.3),
        LocksDeclined = random.Chance(0.5),
        UnlocksTransient = random.Chance(0.3),
        ResultIsImmutable = random.Chance(0.5),
        Ttl = random.Pick(3, 8, 100) * Scale.Lease,
    };

    public IdempotentOperation<int> With(OnDuplicate onDuplicate, TimeSpan wait) => new(Operation)
    {
        OnCrash = OnCrash,
        OnFailure = OnFailure,
        OnDuplicate = onDuplicate,
        CancelBody = CancelBody,
        LockOn = LocksDeclined ? [typeof(DeclinedException)] : [],
        UnlockOn = UnlocksTransient ? [typeof(TransientException)] : [],
        ResultIsImmutable = ResultIsImmutable,
        Ttl = Ttl,
        WaitTimeout = wait,
    };

    /// <summary>Whether a body that ended with this may have its key freed.</summary>
    public bool MayFree(Exception failure) => failure switch
    {
        DeclinedException when LocksDeclined => false,
        TransientException when UnlocksTransient => true,
        OperationCanceledException => OnCrash == OnCrash.Retry,
        TimeoutException => OnCrash == OnCrash.Retry && OnFailure == OnFailure.Unlock,
        _ => OnFailure == OnFailure.Unlock,
    };

    /// <summary>Whether a body that ended with this may have its failure kept.</summary>
    public bool MayKeep(Exception failure) => failure switch
    {
        DeclinedException when LocksDeclined => true,
        TransientException when UnlocksTransient => false,
        OperationCanceledException => false,
        _ => OnFailure == OnFailure.Lock,
    };

    /// <summary>Whether nobody can know after this if the effect happened.</summary>
    public static bool IsAmbiguous(Exception failure) => failure is OperationCanceledException or TimeoutException;
}
