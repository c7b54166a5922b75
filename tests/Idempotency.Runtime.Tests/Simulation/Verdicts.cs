namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>Judges what callers get by what the ledger knows.</summary>
internal sealed class Verdicts(World world)
{
    public void Returned(SimulatedCall call, int result)
    {
        var runs = world.Ledger.Runs;
        if (result < 0 || result >= runs.Count)
        {
            world.Require(false, "A caller got a result that no body returned.");
            return;
        }

        world.Require(!call.IsReentrant, "A body could call itself.");
        var run = runs[result];
        var epoch = run.Grant.Epoch;
        world.Require(run.Call.Policy == call.Policy, "A caller got another key's result.");
        world.Require(run.Call.Variant == call.Variant, "A caller got the result of a call with other arguments.");
        world.Require(run.HadEffect, "A caller got a result whose effect did not happen.");
        world.Require(epoch.Winner == run.Grant, "A caller got a result that the store had not committed.");
        world.Require(run.Call == call || epoch.EndsAt > call.StartedAt, "A caller got a result after its retention.");
        world.Require((epoch.Visible ??= result) == result, "Two results were seen in one epoch.");
        world.Require(call.Run == run || MayGetAnothers(call), "A caller's own result was replaced.");
        world.Require(call.OnDuplicate != OnDuplicate.Throw || call.Run is not null, "A duplicate was answered that had to be refused.");
    }

    public void Threw(SimulatedCall call, Exception exception)
    {
        var history = world.Ledger.Of(call.Policy.Operation);
        var isWild = !world.Weather.IsCalm;
        var isJustified = exception switch
        {
            ReentrantOperationException => call.IsReentrant,
            _ when call.IsReentrant => false,
            _ when ReferenceEquals(exception, call.Run?.Failure) => true,
            OperationInProgressException => call.Run is null && history.WasHeldSince(call.StartedAt, call),
            DuplicateOperationException => call is { Run: null, OnDuplicate: OnDuplicate.Throw } && history.WasTakenSince(call.StartedAt, call),
            IdempotencyKeyReusedException => call.Run is null && history.Variants.Count > 1,
            OperationFailedException failed => MayGetAnothers(call) && history.WasFailedSince(call.StartedAt, failure => failure.GetType().FullName == failed.FailureType),
            DeclinedException => MayGetAnothers(call) && history.WasFailedSince(call.StartedAt, failure => failure is DeclinedException),
            OperationInDoubtException =>
                call.Run is null && history.Policy.OnCrash == OnCrash.Hold && history.WasInDoubtSince(call.StartedAt, needsReason: !isWild),
            LeaseLostException lost => isWild && call.Run is { } run && (run.Failure is null ? IsLost(run, lost) : IsStopped(run, lost)),
            OutcomeNotStoredException unstored => isWild && call.Run is { HadEffect: true, Failure: null } run && run.Number.Equals(unstored.Result),
            StoreUnavailableException => isWild && call.Run is null,
            OperationCanceledException => call.Run is null && call.WasCancelled,
            _ => false,
        };
        world.Require(isJustified, $"A caller got a {exception.GetType().Name} that nothing explains: {exception.Message}");
    }

    /// <summary>Whether the outcome came too late.</summary>
    private bool IsLost(BodyRun run, LeaseLostException lost) =>
        run.Number.Equals(lost.Result) && (!run.Grant.IsCurrent || run.Grant.Epoch.IsOver(world.Now));

    /// <summary>Whether the body did as it was told when its lease was lost.</summary>
    private static bool IsStopped(BodyRun run, LeaseLostException lost) =>
        lost.Result is null && run.Failure is OperationCanceledException && ReferenceEquals(lost.InnerException, run.Failure);

    /// <summary>Whether the call did not run the body, or lost its key while it did and then asks for the winner's outcome.</summary>
    private bool MayGetAnothers(SimulatedCall call) =>
        call.Run is null || (call.Run is { Failure: null, Grant.IsCurrent: false } && world.Options.OnLeaseLost == OnLeaseLost.ReturnStored);
}
