using System.Globalization;

namespace Idempotency.Benchmarks.Load;

/// <summary>The inside of a process that makes calls: it measures what it is told to, until there is nobody left to tell it.</summary>
internal static class LoadProcess
{
    private const string Ready = "ready";

    /// <summary>Serves the process that has started this one, by lines of input and output.</summary>
    /// <param name="ways">The calls it can make, by their names.</param>
    public static async Task ServeAsync(Dictionary<string, Func<Task>> ways)
    {
        Console.WriteLine(Ready);
        while (Console.ReadLine()?.Split('\t') is [var way, var count, var warmUp, var length])
        {
            var rate = await new Callers(int.Parse(count, CultureInfo.InvariantCulture), Milliseconds(warmUp), Milliseconds(length)).MeasureAsync(ways[way]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rate.PerSecond}\t{rate.Latencies}"));
        }
    }

    /// <summary>Waits until the process is able to make calls.</summary>
    public static async Task UntilReadyAsync(StreamReader output)
    {
        if (await output.ReadLineAsync() is not Ready)
        {
            throw new InvalidOperationException("The process that should make calls ended before it was ready; see above.");
        }
    }

    /// <summary>Has it measure one way.</summary>
    public static async Task<Rate> MeasureAsync(StreamWriter input, StreamReader output, string way, Callers callers)
    {
        await input.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{way}\t{callers.Count}\t{callers.WarmUp.TotalMilliseconds}\t{callers.Length.TotalMilliseconds}"));
        await input.FlushAsync();
        return (await output.ReadLineAsync())?.Split('\t') is [var perSecond, var latencies]
            ? new Rate(double.Parse(perSecond, CultureInfo.InvariantCulture), Latencies.Parse(latencies))
            : throw new InvalidOperationException($"The process that should make the calls \"{way}\" has ended; see above.");
    }

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(double.Parse(text, CultureInfo.InvariantCulture));
}
