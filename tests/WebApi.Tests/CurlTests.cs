using System.Diagnostics;
using Idempotency.TestServers;
using Xunit.Abstractions;

namespace WebApi.Tests;

/// <summary>A client that shares no code with the server: the script that comes with the sample.</summary>
public sealed class CurlTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Curl_sees_the_same_bytes_again_over_both_versions_of_HTTP()
    {
        _ = Programs.Find("curl", "the package curl"); // a missing one is told as such
        using var sample = await Sample.StartAsync("--takes", "1");

        var script = Path.Combine(AppContext.BaseDirectory, "try.sh");
        var start = new ProcessStartInfo("bash", [script, Text(sample.Address), Text(sample.Http2Address)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();

        output.WriteLine(said[0]);
        Assert.True(process.ExitCode == 0, $"The script ended with {process.ExitCode} and said:\n{said[0]}\n{said[1]}\nThe sample said:\n{sample.Log}");
        Assert.Equal(16, said[0].Split('\n').Count(static line => line.Contains(" ok  ", StringComparison.Ordinal)));
    }

    private static string Text(Uri address) => address.ToString().TrimEnd('/');
}
