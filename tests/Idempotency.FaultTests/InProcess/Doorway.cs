namespace Idempotency.FaultTests.InProcess;

/// <summary>Holds a body where a test wants it.</summary>
internal sealed class Doorway
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when something stands in it.</summary>
    public Task Reached => _reached.Task.WaitAsync(Scene.Patience);

    public void Open() => _opened.TrySetResult();

    public Task PassAsync()
    {
        _reached.TrySetResult();
        return _opened.Task;
    }
}
