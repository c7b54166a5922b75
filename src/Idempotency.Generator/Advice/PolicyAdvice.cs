using Idempotency.Generator.Diagnostics;
using Idempotency.Generator.Model;
using Idempotency.Generator.Parsing;

namespace Idempotency.Generator.Advice;

/// <summary>Durations and duplicates: settings that undo each other.</summary>
internal static class PolicyAdvice
{
    // As in IdempotencyOptions, which an application may change.
    private static readonly DurationModel s_lease = new(30 * TimeSpan.TicksPerSecond, "30s by default");
    private static readonly DurationModel s_ttl = new(TimeSpan.TicksPerDay, "24h by default");
    private static readonly DurationModel s_wait = new(30 * TimeSpan.TicksPerSecond, "30s by default");

    public static void Give(MethodContext context, OperationModel operation)
    {
        var arguments = context.Arguments;
        var name = context.Method.Name;
        var (ttl, lease) = (operation.Ttl ?? s_ttl, operation.Lease ?? s_lease);
        if (ttl.Ticks < lease.Ticks)
        {
            var place = arguments.LocationOf(operation.Ttl is null ? "Lease" : "Ttl");
            context.Report(AdviceRules.TtlShorterThanLease, place, name, ttl.Text, lease.Text);
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
