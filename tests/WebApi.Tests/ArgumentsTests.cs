using Idempotency;

namespace WebApi.Tests;

public class ArgumentsTests
{
    [Fact]
    public void Without_arguments_it_remembers_in_memory() => Assert.Equal(("memory", 5080, OnCrash.Retry), Of(Arguments.Parse()!));

    [Fact]
    public void Options_come_in_any_order()
    {
        var arguments = Arguments.Parse("--takes", "0.5", "--on-crash", "hold", "--port", "0", "--at", "redis.example.com", "--lease", "2", "--store", "redis")!;

        Assert.Equal(("redis", 0, OnCrash.Hold), Of(arguments));
        Assert.Equal("redis.example.com", arguments.Address);
        Assert.Equal((0.5, 2), (arguments.Takes.TotalSeconds, arguments.Lease.TotalSeconds));
    }

    [Theory]
    [InlineData("--no-such-option", "1")]
    [InlineData("--store")]
    [InlineData("--store", "nonsense")]
    [InlineData("--store", "file", "--store", "redis")]
    [InlineData("--at", "localhost:6379")]
    [InlineData("--store", "memory", "--at", "localhost:6379")]
    [InlineData("--port", "70000")]
    [InlineData("--takes", "-1")]
    [InlineData("--takes", "soon")]
    [InlineData("--lease", "0")]
    [InlineData("--on-crash", "maybe")]
    public async Task Arguments_that_say_nothing_get_the_usage(params string[] args)
    {
        using StringWriter output = new(), error = new();

        Assert.Equal(2, await Application.RunAsync(args, output, error));
        Assert.StartsWith("Usage:", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public async Task The_usage_names_every_option()
    {
        using StringWriter output = new(), error = new();

        Assert.Equal(0, await Application.RunAsync(["--help"], output, error));
        Assert.All(
            ["--store", "--at", "--port", "--http2-port", "--ledger", "--takes", "--answers-after", "--lease", "--on-crash"],
            option => Assert.Contains($"\n  {option} ", output.ToString(), StringComparison.Ordinal));
    }

    private static (string, int, OnCrash) Of(Arguments arguments) => (arguments.Store, arguments.Port, arguments.OnCrash);
}
