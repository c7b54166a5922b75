namespace Idempotency.Storage.Files;

/// <summary>Something that is done to the log while it is locked, and answered when what the answer rests on is on the disk.</summary>
internal abstract class LogStep
{
    /// <summary>The line that must be on the disk before the answer may leave.</summary>
    public long RestsOn { get; protected set; }

    public abstract bool IsAnswered { get; }

    public abstract void Run();

    public abstract void Answer();

    public abstract void Fail(Exception failure);
}

/// <summary>A step with an answer.</summary>
/// <param name="run">Gives the answer, and the line it rests on.</param>
internal sealed class LogStep<TAnswer>(Func<(TAnswer Answer, long RestsOn)> run) : LogStep
{
    private readonly TaskCompletionSource<TAnswer> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TAnswer _answer = default!;

    public Task<TAnswer> Task => _source.Task;

    public override bool IsAnswered => _source.Task.IsCompleted;

    public override void Run()
    {
        try
        {
            (_answer, RestsOn) = run();
        }
        catch (Exception failure)
        {
            Fail(failure); // its caller's alone: the other steps of the batch go on
        }
    }

    public override void Answer() => _source.TrySetResult(_answer);

    public override void Fail(Exception failure) => _source.TrySetException(failure);
}
