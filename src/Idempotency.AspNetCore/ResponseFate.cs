namespace Idempotency;

/// <summary>What becomes of a key when its handler has ended.</summary>
public enum ResponseFate
{
    /// <summary>The response is stored, and retries get it again.</summary>
    Keep = 0,

    /// <summary>The key is freed, and the next request runs the handler: for what ended without an effect.</summary>
    Free = 1,

    /// <summary>
    /// Nobody knows whether the effect happened. Under <see cref="OnCrash.Hold"/> the key stays in doubt, and retries are refused until a person
    /// resolves it; under <see cref="OnCrash.Retry"/> it is as <see cref="Keep"/>, because freeing the key would run the handler again.
    /// </summary>
    LeaveInDoubt = 2,
}
