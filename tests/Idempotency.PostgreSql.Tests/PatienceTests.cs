namespace Idempotency.PostgreSql.Tests;

/// <summary>A client that fails at being cancelled, as it does when its connection breaks at the same moment, ends neither the process nor a disposal.</summary>
public sealed class PatienceTests
{
    [Fact]
    public async Task What_the_client_throws_at_a_call_that_is_let_go_ends_no_process()
    {
        var told = new TaskCompletionSource<Thread>(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = new TaskCompletionSource<int>();

        await Assert.ThrowsAsync<Patience.OutOfPatienceException>(() => Patience.AwaitAsync(
            stop =>
            {
                stop.Register(() =>
                {
                    told.SetResult(Thread.CurrentThread);
                    throw new ObjectDisposedException("connector");
                });
                return call.Task;
            },
            TimeSpan.Zero,
            TimeProvider.System,
            CancellationToken.None));

        (await told.Task).Join(); // nobody else could catch it
    }

    [Fact]
    public void What_the_client_throws_keeps_nobody_from_being_told()
    {
        using var stop = new CancellationTokenSource();
        var isTold = false;
        stop.Token.Register(() => isTold = true);
        stop.Token.Register(static () => throw new ObjectDisposedException("connector"));

        Patience.Cancel(stop);

        Assert.True(isTold);
    }
}
