namespace Idempotency.Testing.Tests;

public sealed class FakeTimeProviderTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void Timers_fire_in_the_order_they_are_due_and_then_in_the_order_they_were_set()
    {
        Set("late", 3);
        Set("first of two", 2);
        Set("second of two", 2);
        Set("early", 1);

        _time.Advance(3 * s_second);

        Assert.Equal(["early at 1", "first of two at 2", "second of two at 2", "late at 3"], _fired);
    }

    [Fact]
    public void A_timer_set_by_a_callback_fires_in_the_same_advance_when_it_is_due_in_it()
    {
        Set("outer", 1, () => Set("inner", 1));

        _time.Advance(2 * s_second);

        Assert.Equal(["outer at 1", "inner at 2"], _fired);
    }

    [Fact]
    public void A_callback_may_itself_advance_and_time_never_goes_back()
    {
        Set("jump", 1, () => _time.Advance(5 * s_second));
        Set("on the way", 2);

        _time.Advance(3 * s_second);

        Assert.Equal(["jump at 1", "on the way at 2"], _fired);
        Assert.Equal(6 * s_second, _time.Elapsed);
    }

    [Fact]
    public void A_periodic_timer_fires_at_every_period_until_it_is_disposed()
    {
        using (_time.CreateTimer(_ => Note("tick"), null, s_second, 2 * s_second))
        {
            _time.Advance(4 * s_second);
        }

        _time.Advance(4 * s_second);

        Assert.Equal(["tick at 1", "tick at 3"], _fired);
        Assert.Equal(0, _time.ActiveTimers);
    }

    [Fact]
    public void A_changed_timer_fires_only_at_its_new_time_and_a_disposed_one_cannot_be_changed()
    {
        var timer = Set("changed", 1);

        Assert.True(timer.Change(2 * s_second, Timeout.InfiniteTimeSpan));
        _time.Advance(s_second);
        Assert.Empty(_fired);
        _time.Advance(s_second);
        Assert.Equal(["changed at 2"], _fired);

        timer.Dispose();
        Assert.False(timer.Change(s_second, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void A_timer_due_at_once_fires_with_an_advance_of_zero()
    {
        Set("now", 0);

        _time.Advance(TimeSpan.Zero);

        Assert.Equal(["now at 0"], _fired);
    }

    [Fact]
    public void A_step_goes_to_the_next_timer_and_fires_it_alone()
    {
        Set("first", 1);
        Set("second", 1);

        Assert.True(_time.AdvanceToNextTimer());
        Assert.Equal(["first at 1"], _fired);
        Assert.True(_time.AdvanceToNextTimer());
        Assert.False(_time.AdvanceToNextTimer());
        Assert.Equal(["first at 1", "second at 1"], _fired);
    }

    [Fact]
    public void A_delay_ends_inline_in_the_context_of_its_caller()
    {
        var local = new AsyncLocal<string>();
        var ended = "";

        async Task WaitAsync()
        {
            local.Value = "the caller's";
            await Task.Delay(s_second, _time);
            ended = $"{local.Value}, on thread {Environment.CurrentManagedThreadId}";
        }

        var thread = new Thread(() =>
        {
            var waiting = WaitAsync();
            _time.Advance(s_second);
            Assert.True(waiting.IsCompletedSuccessfully);
            Assert.Equal($"the caller's, on thread {Environment.CurrentManagedThreadId}", ended);
            Assert.Null(local.Value);
        });
        thread.Start();
        thread.Join();
        Assert.NotEmpty(ended);
    }

    [Fact]
    public void A_jump_of_the_wall_clock_moves_neither_time_nor_timers()
    {
        var (utc, timestamp) = (_time.GetUtcNow(), _time.GetTimestamp());
        Set("in a second", 1);

        _time.JumpWallClock(TimeSpan.FromDays(1));
        _time.Advance(TimeSpan.Zero);

        Assert.Equal(utc + TimeSpan.FromDays(1), _time.GetUtcNow());
        Assert.Equal(timestamp, _time.GetTimestamp());
        Assert.Empty(_fired);
    }

    [Fact]
    public void Callbacks_have_no_synchronization_context_and_the_caller_keeps_its_own()
    {
        var mine = new SynchronizationContext();
        var theirs = mine;
        SynchronizationContext.SetSynchronizationContext(mine);
        Set("due", 1, () => theirs = SynchronizationContext.Current!);

        _time.Advance(s_second);

        Assert.Null(theirs);
        Assert.Same(mine, SynchronizationContext.Current);
    }

    [Fact]
    public void Threads_that_advance_together_fire_every_timer_once()
    {
        const int Timers = 1000;
        var fired = 0;
        for (var i = 0; i < Timers; i++)
        {
            _time.CreateTimer(_ => Interlocked.Increment(ref fired), null, i * s_second, Timeout.InfiniteTimeSpan);
        }

        Parallel.For(0, Timers, _ => _time.Advance(s_second));
        _time.Advance(Timers * s_second);

        Assert.Equal(Timers, fired);
    }

    private ITimer Set(string name, int seconds, Action? then = null) => _time.CreateTimer(
        _ =>
        {
            Note(name);
            then?.Invoke();
        },
        null,
        seconds * s_second,
        Timeout.InfiniteTimeSpan);

    private void Note(string name) => _fired.Add($"{name} at {_time.Elapsed.TotalSeconds:0}");
}
