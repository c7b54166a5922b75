using System.Diagnostics;
using System.Globalization;
using Idempotency.Benchmarks.Load;
using Idempotency.TestServers;

namespace Idempotency.Benchmarks.Stores;

/// <summary>The program that PostgreSQL is measured with, and the calls a second that it makes: a client that costs next to nothing.</summary>
/// <param name="port">Where the server listens.</param>
/// <param name="seconds">How long it calls for each figure.</param>
internal sealed class Pgbench(int port, int seconds) : IDisposable
{
    private const string NewId = "\\set id random(1, 1000000000000000000)\n";
    private const string Key = "sha256(int8send(:id::bigint))";
    private const string Token = "lpad(to_hex(:id::bigint), 32, '0')::uuid";
    private const string Outcome = "decode(repeat('00', 100), 'hex')";

    /// <summary>What a table of the store's needs least: an insertion and an update.</summary>
    private const string Plain =
        $"""
        INSERT INTO idempotency.records (key, format, operation, state, token, fence, version, attempt, taken_over, waiters, fingerprint, dead, started_at, lease_until)
        VALUES ({Key}, 1, '{Calls.Operation}', 'I', {Token}, nextval('idempotency.records_seq'), nextval('idempotency.records_seq'), 1, false, false, '',
          '{"{}"}', clock_timestamp(), clock_timestamp() + interval '30 seconds')
        ON CONFLICT (key) DO NOTHING;
        UPDATE idempotency.records SET state = 'C', outcome = {Outcome}, expires_at = clock_timestamp() + interval '1 hour', version = nextval('idempotency.records_seq')
        WHERE key = {Key} AND token = {Token} AND state = 'I';
        """;

    public static string Program { get; } = Programs.Find(
        "pgbench", "the package postgresql", Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(static version => Path.Combine(version, "bin")) : []);

    private readonly string _folder = Directory.CreateTempSubdirectory("idempotency-pgbench-").FullName;

    /// <summary>Fresh calls with the store's own two statements. Only the fence is not handed from one to the other.</summary>
    public Task<Rate> OwnAsync(int callers, BarePostgreSql store) => RunAsync(callers, string.Join(
        ";\n",
        With(store.Claim, Key, $"'{Calls.Operation}'", Token, "30000000", "true", "''"),
        With(store.Complete, Key, $"'{Calls.Operation}'", Token, "r.fence", "3600000000", "'C'", Outcome),
        ""));

    /// <summary>Fresh calls with plain statements that write the same rows into the same table.</summary>
    public Task<Rate> PlainAsync(int callers) => RunAsync(callers, Plain);

    /// <summary>What a table of ids takes that nobody may insert twice: one insertion, of 32 bytes.</summary>
    public Task<Rate> InsertAsync(int callers) => RunAsync(callers, "INSERT INTO ids (id) VALUES (sha256(int8send(:id::bigint))) ON CONFLICT DO NOTHING;\n");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string With(string statement, params string[] values) =>
        values.Index().Aggregate(statement, static (text, value) => text.Replace($"${value.Index + 1}", value.Item, StringComparison.Ordinal));

    private async Task<Rate> RunAsync(int callers, string script)
    {
        var file = Path.Combine(_folder, "script.sql");
        await File.WriteAllTextAsync(file, NewId + script);
        string[] arguments =
        [
            "-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", "-n", "-M", "prepared", "-c", $"{callers}", "-T", $"{seconds}", "-f", file, "postgres",
        ];
        using var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        var line = said[0].Split('\n').FirstOrDefault(static line => line.StartsWith("tps = ", StringComparison.Ordinal));
        return process.ExitCode == 0 && line is not null
            ? new Rate(double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture), new Latencies())
            : throw new InvalidOperationException($"pgbench failed:\n{string.Join('\n', said)}");
    }
}
