namespace Payments.Tests;

[Collection(SampleRun.OneAtATime)]
public sealed class ApplicationTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task The_file_of_the_sample_is_charged_once()
    {
        Assert.Equal(0, await RunAsync());

        Assert.Empty(_error.ToString());
        Assert.Equal(0, Number("double charges", column: 0));
        Assert.True(Number("double charges", column: 1) > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Every_call_ends_in_one_row(int column)
    {
        await RunAsync();

        var rows = new[] { "  charges made", "  replayed", "  waited", "  refused", "  failed: card network", "  failed: card declined" };
        Assert.Equal(Number("calls", column), rows.Sum(row => Number(row, column)));
    }

    [Fact]
    public async Task A_malformed_line_is_told_and_the_rest_is_charged()
    {
        using var file = new TemporaryFile("""
            {"id":"evt_1","type":"charge.requested","data":{"charge_id":"ch_1","customer":"cus_1","amount":100,"currency":"eur"}}
            {"id":"evt_2"
            """);

        Assert.Equal(0, await RunAsync(file.Path));
        Assert.StartsWith($"{file.Path}, line 2: ", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Left out: 1 lines", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, Number("  charges made", column: 0));
    }

    [Fact]
    public async Task An_empty_file_is_fine()
    {
        using var file = new TemporaryFile();

        Assert.Equal(0, await RunAsync(file.Path));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task A_charge_that_never_gets_through_is_missing()
    {
        using var file = new TemporaryFile("""
            {"id":"evt_1","type":"charge.requested","data":{"charge_id":"ch_1","customer":"cus_1","amount":100,"currency":"eur","card":"card_unreachable_99"}}
            """);

        Assert.Equal(1, await RunAsync(file.Path));
        Assert.Contains("ch_1 is missing.", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_an_error()
    {
        Assert.Equal(2, await RunAsync("no-such-file.jsonl"));
        Assert.Contains("no-such-file.jsonl", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_output.ToString());
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("--generate")]
    [InlineData("one.jsonl", "two.jsonl")]
    [InlineData("--store")]
    [InlineData("--store", "nonsense")]
    [InlineData("--store", "file", "--store", "redis")]
    [InlineData("--store", "redis", "--at")]
    [InlineData("--store", "memory", "--at", "localhost:6379")]
    [InlineData("--at", "localhost:6379")]
    public async Task Arguments_that_say_nothing_get_the_usage(params string[] args)
    {
        Assert.Equal(2, await RunAsync(args));
        Assert.StartsWith("Usage:", _error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private Task<int> RunAsync(params string[] args) => Application.RunAsync(args, _output, _error);

    private int Number(string row, int column)
    {
        var line = _output.ToString().Split(Environment.NewLine).First(line => line.StartsWith(row, StringComparison.Ordinal));
        var numbers = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2..];
        return int.Parse(numbers[column], System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);
    }
}
