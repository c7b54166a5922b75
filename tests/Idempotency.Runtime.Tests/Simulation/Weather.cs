namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>How badly the network and the machines of one seed behave. The first five are probabilities for each message.</summary>
internal sealed record Weather
{
    /// <summary>Every message arrives once and in time, and nobody stops.</summary>
    public static readonly Weather Calm = new();

    public double RequestLost { get; private init; }

    public double AnswerLost { get; private init; }

    /// <summary>A second copy arrives, now or much later.</summary>
    public double Repeated { get; private init; }

    public double Slow { get; private init; }

    /// <summary>The caller of a lost message sees an exception soon, not silence.</summary>
    public double LossIsSeen { get; private init; } = 0.5;

    public int Pauses { get; private init; }

    public int Crashes { get; private init; }

    /// <summary>How often a process is cut off from the store for a while.</summary>
    public int Cuts { get; private init; }

    /// <summary>Whether a store call may run on after its token was cancelled.</summary>
    public bool StoreIsDeaf { get; private init; }

    public bool IsCalm => ReferenceEquals(this, Calm);

    public static Weather Draw(Random random) => random.Next(8) switch
    {
        0 => Calm,
        1 => new Weather { Crashes = 1 + random.Next(2) },
        2 => new Weather { Pauses = 1 + random.Next(2) },
        3 => new Weather { RequestLost = 0.2, AnswerLost = 0.2, Repeated = 0.2, StoreIsDeaf = random.Chance(0.5) },
        4 => new Weather { Repeated = 0.4, Slow = 0.2 },
        5 => new Weather { Cuts = 1 + random.Next(2), Crashes = random.Next(2), StoreIsDeaf = random.Chance(0.5) },
        _ => new Weather
        {
            RequestLost = random.NextDouble() * 0.3,
            AnswerLost = random.NextDouble() * 0.3,
            Repeated = random.NextDouble() * 0.3,
            Slow = random.NextDouble() * 0.2,
            Pauses = random.Next(3),
            Crashes = random.Next(3),
            Cuts = random.Next(2),
            StoreIsDeaf = random.Chance(0.3),
        },
    };
}
