namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>What one run of a body is going to do.</summary>
internal sealed record BodyPlan
{
    public TimeSpan BeforeEffect { get; private init; }

    public TimeSpan AfterEffect { get; private init; }

    /// <summary>Whether it stops when its token is cancelled.</summary>
    public bool Listens { get; private init; }

    public Exception? FailureBeforeEffect { get; private init; }

    public Exception? FailureAfterEffect { get; private init; }

    /// <summary>Whether it calls a guarded operation, perhaps its own.</summary>
    public bool CallsAnother { get; private init; }

    /// <summary>Whether it hears of a lost lease by a callback that throws.</summary>
    public bool PanicsWhenLeaseIsLost { get; private init; }

    public static BodyPlan Draw(Random random, TimeSpan longest)
    {
        var failure = random.Chance(0.3) ? Failure(random) : null;
        var isEarly = random.Chance(0.5);
        return new BodyPlan
        {
            BeforeEffect = Duration(random, longest),
            AfterEffect = Duration(random, longest),
            Listens = random.Chance(0.5),
            FailureBeforeEffect = isEarly ? failure : null,
            FailureAfterEffect = isEarly ? null : failure,
            CallsAnother = random.Chance(0.08),
            PanicsWhenLeaseIsLost = random.Chance(0.1),
        };
    }

    private static TimeSpan Duration(Random random, TimeSpan longest) => random.Next(4) switch
    {
        0 => TimeSpan.Zero,
        1 => random.UpTo(Scale.FastMessage),
        2 => random.UpTo(Scale.Lease),
        _ => random.UpTo(longest),
    };

    private static Exception Failure(Random random) => random.Next(4) switch
    {
        0 => new TransientException(),
        1 => new DeclinedException(),
        2 => new OperationCanceledException("The body gave up."),
        _ => new TimeoutException("The bank did not answer."),
    };
}
