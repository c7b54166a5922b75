using System.Net;
using System.Text.RegularExpressions;
using Idempotency.TestServers;

namespace WebApi.Tests;

/// <summary>The sample as its users run it: a process of its own, on ports that are free.</summary>
internal sealed partial class Sample : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("webapi-tests-").FullName;

    private Sample()
    {
    }

    /// <summary>Where HTTP/1.1 is spoken, and the page is.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Where HTTP/2 is spoken, without TLS.</summary>
    public Uri Http2Address { get; private set; } = null!;

    /// <summary>The file of what was taken.</summary>
    public string Ledger { get; private set; } = null!;

    public ServerProcess Process { get; private set; } = null!;

    /// <summary>What it has said.</summary>
    public string Log => File.ReadAllText(Process.Log);

    /// <summary>Starts it and waits until it says that it listens.</summary>
    public static async Task<Sample> StartAsync(params string[] args)
    {
        var sample = new Sample();
        try
        {
            await sample.RunAsync(args);
            return sample;
        }
        catch
        {
            // Thrown on; only its process and its folder must not stay behind.
            sample.Dispose();
            throw;
        }
    }

    /// <summary>The lines of the ledger, which the sample opens for nobody else whenever the page asks for what was taken.</summary>
    public async Task<string[]> ReadLedgerAsync()
    {
        string[] lines = [];
        await Process.UntilReadyAsync(() =>
        {
            try
            {
                lines = File.ReadAllLines(Ledger);
                return Task.FromResult(true);
            }
            catch (IOException)
            {
                // It has it open just now.
                return Task.FromResult(false);
            }
        });
        return lines;
    }

    /// <summary>A client that says who it is.</summary>
    public HttpClient Client(string? caller = "ann", bool isHttp2 = false)
    {
        var client = new HttpClient
        {
            BaseAddress = isHttp2 ? Http2Address : Address,
            DefaultRequestVersion = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (caller is not null)
        {
            client.DefaultRequestHeaders.Add("Authorization", $"Demo {caller}");
        }

        return client;
    }

    public void Dispose()
    {
        Process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync(string[] args)
    {
        string[] command = ["dotnet", typeof(Application).Assembly.Location, "--port", "0", "--http2-port", "0", .. args];
        var log = Path.Combine(_folder, "log");
        Process = await ServerProcess.StartAsync(
            args.Contains("--ledger") ? command : [.. command, "--ledger", Path.Combine(_folder, "ledger.jsonl")],
            log,
            new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0" }); // it will not live long enough to profit
        await Process.UntilReadyAsync(() => Task.FromResult(File.Exists(log) && Log.Contains("Listening.", StringComparison.Ordinal)));

        var said = Said().Matches(Log).ToDictionary(static line => line.Groups["name"].Value, static line => line.Groups["value"].Value);
        Address = new Uri(said["Page and HTTP/1.1"]);
        Http2Address = new Uri(said["HTTP/2 without TLS"]);
        Ledger = said["Ledger"];
    }

    [GeneratedRegex(@"^(?<name>[^:\n]+): +(?<value>.+)$", RegexOptions.Multiline)]
    private static partial Regex Said();
}
