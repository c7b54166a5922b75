using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace Idempotency.AspNetCore.Tests;

/// <summary>Malformed and hostile requests over real connections: no failure of the server, no hang, and no answer to another's key.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Requests = 10_000;

    private static readonly string[] s_values =
    [
        "\"abc\"", "abc", "\"", "\"\"", "\\", "\"\\\"\"", "\"\\\\\"", "\"a\";p", "\"a\";p=", "\"a\";=1", "\"a\"; p=?2", ":AA==:", "(\"a\")", "\"a\",\"a\"", "?1", "-1.5", "@1659578233",
        "%\"f%c3%bc\"", "\"../../etc/passwd\"", "\"'; DROP TABLE x; --\"", "\"*1$8 FLUSHALL\"", "\"{0}\"", "\"\u00e9\"", "\"\t\"", "\"\u007f\"", "\"\u0001\"", " \"abc\" ", "\"abc", "null", "\"a\"\"b\"",
    ];

    private static readonly string[] s_bodies =
    [
        "", "{}", "{\"a\":1}", "{\"a\":1,\"a\":2}", "[", "\"\\ud800\"", "{\"a\":1e999999999999}", "{\"a\":" + new string('1', 5000) + "}", new string('[', 500), "\0\u00ff\u00fe", new string('x', 20_000), "null", "1E-2147483649",
    ];

    [Fact]
    public async Task No_request_is_answered_with_a_failure_of_the_server()
    {
        var seed = Environment.GetEnvironmentVariable("IDEMPOTENCY_SEED") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"IDEMPOTENCY_SEED={seed}");
        var random = new Random(seed);
        await using var server = await Server.StartAsync(app =>
        {
            app.MapPost("/strict", Echo).RequireAuthorization().RequireIdempotencyKey();
            app.MapPost("/lenient", Echo).RequireAuthorization().RequireIdempotencyKey(options => options.UseStripeProfile());
            app.MapPost("/json/{id?}", Echo).RequireAuthorization().RequireIdempotencyKey(options => (options.ComparesJsonByValue, options.MaxRequestBytes) = (true, 10_000));
        });
        var statuses = new SortedDictionary<string, int>();

        for (var sent = 0; sent < Requests;)
        {
            // Some on one connection, as clients that keep theirs send them; a connection ends when the server ends it.
            using var client = new TcpClient();
            await client.ConnectAsync(server.Address.Host, server.Address.Port);
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            for (var isOpen = true; isOpen && sent < Requests; sent++)
            {
                await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(Next(random)));
                var status = await ReadAsync(reader).WaitAsync(TimeSpan.FromMinutes(1));
                statuses[status ?? "closed"] = statuses.GetValueOrDefault(status ?? "closed") + 1;
                isOpen = status is not null;
                Assert.True(status is null || status[0] != '5', $"request {sent} of IDEMPOTENCY_SEED={seed} was answered with {status}");
            }
        }

        output.WriteLine(string.Join(", ", statuses.Select(static status => $"{status.Key}: {status.Value}")));
        Assert.Superset(new HashSet<string>(["200", "400", "422"]), statuses.Keys.ToHashSet());
    }

    private static async Task Echo(HttpContext context) => await context.Request.Body.CopyToAsync(context.Response.Body);

    private static string Next(Random random)
    {
        var path = random.Next(4) switch { 0 => "/strict", 1 => "/lenient", 2 => "/json", _ => $"/json/%{random.Next(256):x2}" };
        var query = random.Next(3) switch { 0 => "", 1 => $"?a={random.Next(3)}&%zz=%{random.Next(256):x2}&&=", _ => "?" + Mutate(random, "a=1&b=2").Replace(' ', '+') };
        var body = random.Next(3) == 0 ? Mutate(random, s_bodies[random.Next(s_bodies.Length)]) : s_bodies[random.Next(s_bodies.Length)];
        var request = new StringBuilder($"POST {path}{Clean(query)} HTTP/1.1\r\nHost: x\r\nX-User: u{random.Next(3)}\r\n");
        for (var header = random.Next(8) == 0 ? 2 : 1; header > 0; header--)
        {
            var value = s_values[random.Next(s_values.Length)];
            request.Append("Idempotency-Key: ").Append(Clean(random.Next(2) == 0 ? Mutate(random, value) : value)).Append("\r\n");
        }

        request.Append("Content-Type: ").Append(random.Next(4) switch { 0 => "text/plain", 1 => "application/json; charset=utf-8", 2 => "application/vnd.x+json", _ => "application/json" }).Append("\r\n");
        if (random.Next(3) == 0)
        {
            request.Append("Transfer-Encoding: chunked\r\n\r\n");
            for (var at = 0; at < body.Length;)
            {
                var length = Math.Min(body.Length - at, 1 + random.Next(3000));
                request.Append(CultureInfo.InvariantCulture, $"{length:x}\r\n").Append(body, at, length).Append("\r\n");
                at += length;
            }

            return request.Append("0\r\n\r\n").ToString();
        }

        return request.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n").Append(body).ToString();
    }

    private static string Mutate(Random random, string text)
    {
        var mutated = new StringBuilder(text);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(mutated.Length + 1);
            if (random.Next(3) == 0 && at < mutated.Length)
            {
                mutated.Remove(at, 1);
            }
            else
            {
                mutated.Insert(at, (char)random.Next(256));
            }
        }

        return mutated.ToString();
    }

    /// <summary>What would end the header line, or the request line, is the server's business and not ours.</summary>
    private static string Clean(string text) => text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

    /// <returns>The status, when the whole response has been read; <see langword="null"/> when the server closed the connection.</returns>
    private static async Task<string?> ReadAsync(StreamReader reader)
    {
        string? status;
        var (length, isChunked, closes) = (0, false, false);
        try
        {
            status = (await reader.ReadLineAsync())?.Split(' ')[1];
            while (await reader.ReadLineAsync() is { Length: > 0 } header)
            {
                length = header.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(header.AsSpan(16), provider: CultureInfo.InvariantCulture) : length;
                isChunked |= header == "Transfer-Encoding: chunked";
                closes |= header == "Connection: close";
            }

            for (var chunk = isChunked ? -1 : length; chunk != 0;)
            {
                chunk = isChunked ? Convert.ToInt32(await reader.ReadLineAsync(), 16) : length;
                var rest = new char[chunk + (isChunked ? 2 : 0)];
                await reader.ReadBlockAsync(rest);
                chunk = isChunked ? chunk : 0;
            }
        }
        catch (IOException)
        {
            return null; // the server has closed a connection on which it could not tell where the next request begins
        }

        return closes && status is not null && status[0] != '5' ? null : status;
    }
}
