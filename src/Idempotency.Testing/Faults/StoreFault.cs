namespace Idempotency.Testing;

/// <summary>What goes wrong with one call of a <see cref="FaultInjectingStore"/>.</summary>
public enum StoreFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The call does not arrive, and throws.</summary>
    Refused,

    /// <summary>The call is applied, and throws all the same: its answer is lost.</summary>
    AnswerLost,

    /// <summary>The call arrives after <see cref="FaultInjectingStore.Delay"/>.</summary>
    Delayed,

    /// <summary>The call does not arrive, and nothing is ever heard of it.</summary>
    Vanished,

    /// <summary>The call is applied, and nothing is ever heard of it.</summary>
    Silent,

    /// <summary>
    /// The call is applied and answered, and a copy of it arrives after <see cref="FaultInjectingStore.Delay"/>, at once when that is
    /// zero. Nobody hears the copy's answer.
    /// </summary>
    Duplicated,
}
