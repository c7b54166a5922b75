using System.Diagnostics;

namespace Idempotency.FaultTests;

/// <summary>Waits for what the kernel tells only those who ask. Gives up when it can only be a hang.</summary>
internal static class Patience
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(start) > Longest)
            {
                throw new TimeoutException($"Waited {Longest.TotalMinutes:0} minutes for {what}.");
            }

            await Task.Delay(s_pause);
        }
    }
}
