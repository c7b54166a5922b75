using System.Globalization;

namespace Payments.Tests;

/// <summary>The sample, run by a test.</summary>
/// <param name="ExitCode">What it returned.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it complained about.</param>
internal sealed record SampleRun(int ExitCode, string Output, string Error)
{
    /// <summary>The sample counts by a metric of the whole process, in which two runs at a time would count each other's calls.</summary>
    public const string OneAtATime = "sample";

    private static readonly string[] s_endings =
        ["  charges made", "  replayed", "  waited", "  refused", "  failed: card network", "  failed: card declined"];

    public static async Task<SampleRun> OfAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var exitCode = await Application.RunAsync(args, output, error);
        return new SampleRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>A number of the table.</summary>
    public int Number(string row, int column) => Parse(Line(row).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2..][column]);

    /// <summary>Asserts that two processes have delivered together, and what must then be true.</summary>
    /// <param name="deliveries">How many are in the file.</param>
    public void AssertChargedOnce(int deliveries)
    {
        Assert.Empty(Error);
        Assert.Equal(0, ExitCode);
        Assert.Contains("Checked: every charge in the deliveries was made once.", Output, StringComparison.Ordinal);

        Assert.Equal(2 * deliveries, Number("deliveries", column: 0));
        Assert.Equal(0, Number("double charges", column: 0));
        Assert.True(Number("double charges", column: 1) > 0);

        // Each has called for every delivery; who of them came first with a charge is chance.
        var (first, second) = (OfProcess(1), OfProcess(2));
        Assert.True(first.Calls >= deliveries && second.Calls >= deliveries, Output);
        Assert.Equal(Number("calls", column: 0), first.Calls + second.Calls);
        Assert.Equal(Number("  charges made", column: 0), first.Charges + second.Charges);
        Assert.Equal(Number("calls", column: 0), s_endings.Sum(row => Number(row, column: 0)));
    }

    private (int Calls, int Charges) OfProcess(int number)
    {
        var words = Line($"Process {number}: ").Split(' ');
        return (Parse(words[2]), Parse(words[5]));
    }

    private string Line(string start) => Output.Split(Environment.NewLine).First(line => line.StartsWith(start, StringComparison.Ordinal));

    private static int Parse(string number) => int.Parse(number, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
}
