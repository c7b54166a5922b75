using System.Globalization;
using Idempotency.TestServers;

namespace WebApi.Tests;

/// <summary>The stores of the sample, where they are used by one process.</summary>
public sealed class StoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("webapi-tests-").FullName;

    [Fact]
    public async Task A_folder_remembers_when_the_process_is_gone()
    {
        string[] args = ["--store", "file", "--at", Path.Combine(_folder, "keys"), "--ledger", Path.Combine(_folder, "ledger.jsonl"), "--takes", "0"];
        var key = Posts.NewKey();
        Answer first;
        using (var before = await Sample.StartAsync(args))
        {
            using var client = before.Client();
            first = await client.ChargeAsync(key);
            await before.Process.KillAsync();
        }

        using var after = await Sample.StartAsync(args);
        using var another = after.Client();
        var retry = await another.ChargeAsync(key);

        Assert.Equal((201, true, first.Body), (retry.Status, retry.IsReplay, retry.Body));
        Assert.Equal([first.Body], File.ReadAllLines(after.Ledger));
    }

    [Theory]
    [InlineData("redis", "127.0.0.1:{0}", "redis-server")]
    [InlineData("postgres", "Host=127.0.0.1;Port={0};Username=postgres;Database=postgres", "postgres -D")]
    public async Task A_server_that_cannot_be_reached_is_an_error_that_says_how_to_start_one(string store, string address, string command)
    {
        var nobody = string.Format(CultureInfo.InvariantCulture, address, LoopbackPort.Free());
        using StringWriter output = new(), error = new();

        var exitCode = await Application.RunAsync(["--store", store, "--at", nobody, "--port", "0", "--http2-port", "0"], output, error);

        Assert.Equal(2, exitCode);
        Assert.Empty(output.ToString());
        Assert.StartsWith($"Error: The store '{store}' cannot be used: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(command, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_that_names_it()
    {
        using var first = await Sample.StartAsync();
        using StringWriter output = new(), error = new();

        Assert.Equal(2, await Application.RunAsync(["--port", $"{first.Address.Port}", "--http2-port", "0"], output, error));
        Assert.Equal($"Error: Failed to bind to address {first.Address.ToString().TrimEnd('/')}: address already in use.", error.ToString().TrimEnd());
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_made_is_an_error_that_names_it()
    {
        var path = Path.Combine(_folder, "no-such-folder", "ledger.jsonl");
        using StringWriter output = new(), error = new();

        Assert.Equal(2, await Application.RunAsync(["--ledger", path, "--port", "0", "--http2-port", "0"], output, error));
        Assert.Contains(path, error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
