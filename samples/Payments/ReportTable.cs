using System.Globalization;

namespace Payments;

/// <summary>The table that the sample prints.</summary>
public static class ReportTable
{
    /// <summary>Lays two runs of the same deliveries side by side.</summary>
    public static string Of(int deliveries, DeliveryRun guarded, DeliveryRun unguarded)
    {
        return string.Join(Environment.NewLine,
        [
            $"{"",-44}{"guarded",10}{"unguarded",12}",
            Row("deliveries", _ => deliveries),
            Row("calls, with those sent again", run => run.Calls),
            Row("  charges made", run => run.Charges.Count),
            Row("  replayed: got the stored outcome", run => run.Replayed),
            Row("  waited for a running call, got its outcome", run => run.Waited),
            Row("  refused: charge id of another charge", run => run.Refused),
            Row("  failed: card network unreachable", run => run.Unreachable),
            Row("  failed: card declined", run => run.Declined),
            Row("double charges", run => run.DoubleCharges),
            "",
        ]);

        string Row(string title, Func<DeliveryRun, long> number) =>
            string.Create(CultureInfo.InvariantCulture, $"{title,-44}{number(guarded),10:N0}{number(unguarded),12:N0}");
    }
}
