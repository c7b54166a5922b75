using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;

namespace Idempotency.Generator.Advice;

/// <summary>Durations and duplicates: settings that undo each other.</summary>
internal static class PolicyAdvice
{
    // As in IdempotencyOptions, which an application may change.
    private static readonly DurationModel s_lease = new(30 * TimeSpan.TicksPerSecond, "30s by default");
    private static readonly DurationModel s_wait = new(30 * TimeSpan.TicksPerSecond, "30s by default");

    public static void Give(MethodContext context, OperationModel operation)
    {
        var arguments = context.Arguments;
        var name = context.Method.Name;
        var lease = operation.Lease ?? s_lease;
        if (operation.Ttl is { } ttl && ttl.Ticks < lease.Ticks) // that of a day, by default, is never less than a lease
        {
            context.Report(AdviceRules.TtlShorterThanLease, arguments.LocationOf("Ttl"), name, ttl.Text, lease.Text);
        }

        var waits = operation.OnDuplicate == "Wait";
        if (operation.WaitTimeout is not null && !waits)
        {
            context.Report(AdviceRules.WaitTimeoutWithoutWait, arguments.LocationOf("WaitTimeout"), name);
        }

        if (waits && !context.Method.Parameters.Any(static parameter => parameter.Type.IsCancellationToken()))
        {
            context.Report(AdviceRules.WaitWithoutToken, arguments.LocationOf("OnDuplicate"), name, (operation.WaitTimeout ?? s_wait).Text);
        }
    }
}
