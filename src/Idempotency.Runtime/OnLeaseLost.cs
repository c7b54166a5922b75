namespace Idempotency;

/// <summary>What a call gets whose body ended after another attempt had taken its key over.</summary>
public enum OnLeaseLost
{
    /// <summary><see cref="LeaseLostException"/>, with this call's own result in it. The default.</summary>
    Throw = 0,

    /// <summary>
    /// The outcome the winner stored, as every other caller gets it. While the winner has stored none yet,
    /// <see cref="LeaseLostException"/> all the same.
    /// </summary>
    ReturnStored = 1,
}
