namespace Idempotency;

/// <summary>The result of an operation that has none: a <c>void</c>, <see cref="Task"/> or <see cref="ValueTask"/> method.</summary>
public readonly struct NoResult : IEquatable<NoResult>
{
    /// <summary>Waits for <paramref name="work"/> and gives the empty result. Costs nothing when the work is done already.</summary>
    public static ValueTask<NoResult> After(Task work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work.IsCompletedSuccessfully ? default : AwaitAsync(new ValueTask(work));
    }

    /// <inheritdoc cref="After(Task)"/>
    public static ValueTask<NoResult> After(ValueTask work)
    {
        if (!work.IsCompletedSuccessfully)
        {
            return AwaitAsync(work);
        }

        work.GetAwaiter().GetResult(); // a pooled source behind the task is free again only once its result was taken
        return default;
    }

    /// <summary>Drops the empty result, for methods that return <see cref="ValueTask"/>.</summary>
    public static ValueTask Drop(ValueTask<NoResult> work)
    {
        if (!work.IsCompletedSuccessfully)
        {
            return new ValueTask(work.AsTask());
        }

        work.GetAwaiter().GetResult();
        return default;
    }

    private static async ValueTask<NoResult> AwaitAsync(ValueTask work)
    {
        await work.ConfigureAwait(false);
        return default;
    }

    /// <summary>Always <see langword="true"/>: there is only one empty result.</summary>
    public bool Equals(NoResult other) => true;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NoResult;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;

    /// <summary>Always <see langword="true"/>.</summary>
    public static bool operator ==(NoResult left, NoResult right) => true;

    /// <summary>Always <see langword="false"/>.</summary>
    public static bool operator !=(NoResult left, NoResult right) => false;
}
