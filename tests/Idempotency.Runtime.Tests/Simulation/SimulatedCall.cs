using Idempotency.Keys;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>One call of a guarded operation, and the body it may run.</summary>
internal sealed class SimulatedCall(World world, SimulatedProcess process, Policy policy, OnDuplicate onDuplicate, int variant, SimulatedCall? outer = null)
{
    private readonly int _number = world.NextCallNumber();
    private Action _cancel = static () => { };

    public SimulatedProcess Process => process;

    public Policy Policy => policy;

    public OnDuplicate OnDuplicate => onDuplicate;

    /// <summary>Which arguments the fingerprint is made of.</summary>
    public int Variant => variant;

    /// <summary>Whether it is made from within a body of the same key.</summary>
    public bool IsReentrant => IsWithin(policy);

    public TimeSpan StartedAt { get; private set; }

    public bool WasCancelled { get; private set; }

    public bool HasEnded { get; private set; }

    /// <summary>What the caller got instead of a result.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The run of the body in this call, if there was one.</summary>
    public BodyRun? Run { get; private set; }

    public async Task RunAsync(TimeSpan wait)
    {
        using var cancellation = new CancellationTokenSource();
        _cancel = cancellation.Cancel;
        StartedAt = world.Now;
        world.Ledger.Of(policy.Operation).Variants.Add(variant);
        world.Trace.Add($"{this} calls {policy.Operation}({variant}), {policy.OnCrash}, {policy.OnFailure}, {onDuplicate} up to {wait}");
        try
        {
            var result = await InvokeAsync(policy.With(onDuplicate, wait), cancellation.Token);
            End($"returns {result}");
            world.Verdicts.Returned(this, result);
        }
        catch (Exception exception)
        {
            Failure = exception;
            End($"throws {exception.GetType().Name}: {exception.Message}");
            world.Verdicts.Threw(this, exception);
        }
    }

    public void Cancel()
    {
        if (!HasEnded && !WasCancelled)
        {
            world.Trace.Add($"{this} is cancelled");
            WasCancelled = true;
            _cancel();
        }
    }

    public override string ToString() => $"{process.Name}/call {_number}";

    private bool IsWithin(Policy other) => outer is not null && (outer.Policy == other || outer.IsWithin(other));

    private void End(string how)
    {
        world.StayOnThread();
        world.Trace.Add($"{this} {how}");
        HasEnded = true;
        world.Require(Run is null || Run.HasEnded, "A call returned before its body had ended.");
    }

    private ValueTask<int> InvokeAsync(IdempotentOperation<int> operation, CancellationToken cancellationToken)
    {
        var key = new KeyWriter(operation.KeyHeader, stackalloc byte[64]);
        try
        {
            key.Add(1);
            key.BeginFingerprint();
            key.Add(variant);
            return process.Guard.RunAsync(operation, ref key, this, static (call, context) => call.RunBodyAsync(context), cancellationToken);
        }
        finally
        {
            key.Dispose();
        }
    }

    private async ValueTask<int> RunBodyAsync(IdempotencyContext context)
    {
        world.StayOnThread();
        var run = Run = world.Ledger.Started(this, context.Fence);
        var plan = world.IsHealed ? new BodyPlan() : BodyPlan.Draw(world.Random, world.Subject.LongestStep);
        var stop = plan.Listens ? context.CancellationToken : CancellationToken.None;
        world.Trace.Add($"{this} runs its body as run {run.Number}, fence {context.Fence}");
        try
        {
            if (plan.PanicsWhenLeaseIsLost)
            {
                context.LeaseLost.UnsafeRegister(static _ => throw new InvalidOperationException("A callback panics."), null);
            }

            if (plan.CallsAnother)
            {
                var inner = new SimulatedCall(world, process, world.Random.Pick([.. world.Policies]), OnDuplicate.Wait, variant, outer: this);
                await inner.RunAsync(Scale.LongestWait);
            }

            await PassAsync(plan.BeforeEffect, stop);
            ThrowIfPlanned(plan.FailureBeforeEffect);
            world.Trace.Add($"{this} has its effect");
            world.Ledger.HadEffect(run);
            await PassAsync(plan.AfterEffect, stop);
            ThrowIfPlanned(plan.FailureAfterEffect);
            return run.Number;
        }
        catch (Exception exception)
        {
            world.Trace.Add($"{this}'s body throws {exception.GetType().Name}");
            run.Failure = exception;
            throw;
        }
        finally
        {
            run.HasEnded = true;
            world.Require(
                context.CancellationToken.IsCancellationRequested || !context.LeaseLost.IsCancellationRequested,
                "A body that lost its lease was not asked to stop.");
        }
    }

    /// <summary>A delay whose own cancellation would go by way of the thread pool.</summary>
    private Task PassAsync(TimeSpan time, CancellationToken stop) => Task.Delay(time, process.Clock, CancellationToken.None).WaitAsync(stop);

    private static void ThrowIfPlanned(Exception? failure)
    {
        if (failure is not null)
        {
            throw failure;
        }
    }
}
